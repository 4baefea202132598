"""Nets typed in a line, for the tests beside."""

from netdsl.compiler import Compilation, Pipeline, compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network


def laid_out(text: str, channels: int = 3, *size: int) -> Network:
    """A net without its braces; an image of 32x32 comes in unless told otherwise."""
    return compile_network(f"id {text}", given=FeatureMap(channels, size or (32, 32)))


def compiled(text: str, channels: int = 3, *size: int) -> Compilation:
    return Pipeline.of(f"id {text}").compile(given=FeatureMap(channels, size or (32, 32)))


def codes(text: str) -> list[str]:
    return [d.code for d in compiled(text).errors]


def names(network: Network) -> list[str]:
    return [node.name for node in network.nodes[1:]]
