"""From a network to torch: the module, its feature maps by name, its weights."""

from collections.abc import Sequence
from operator import index
from os import PathLike
from typing import Any

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.lowering.taps import feature_maps
from netdsl.lowering.to_torch import Compiled, network_of, to_torch
from netdsl.lowering.weights import load_weights, save_weights


def compile(  # noqa: A001
    path_or_text: str | PathLike[str],
    /,
    *,
    input: Sequence[int] | None = None,  # noqa: A002
    with_rules: str = "",
    **params: Any,
) -> Compiled:
    """A net as a torch module: a `.net` file, a bundled net's name, or the net itself as text.

    `params` are the net's parameters, `input` (channels, *size) takes the place of its own input, `with_rules` makes
    a variant of it:

        vgg16 = netdsl.compile("vgg16")
        small = netdsl.compile("CRCRPCRCRPF10", input=(3, 32, 32))
        net = netdsl.compile("nets/densenet.net", depth=100, k=12)
        normed = netdsl.compile("vgg16", with_rules="C -> C B")

    Errors: DiagnosticsError, whose text is the messages that `netdsl check` prints; ValueError for an `input` that is
    none.
    """
    given = None if input is None else _feature_map(input)
    return to_torch(compile_network(path_or_text, params, given, with_rules))


def _feature_map(shape: Sequence[int]) -> FeatureMap:
    """Channels and up to three sizes, whole numbers from 1."""
    try:
        numbers = [index(number) for number in shape]
    except TypeError:
        numbers = []
    if not 1 <= len(numbers) <= 4 or min(numbers) < 1:
        raise ValueError(f"input is channels and size, such as (3, 32, 32), not {shape!r}")
    return FeatureMap(numbers[0], tuple(numbers[1:]))


__all__ = ["Compiled", "compile", "feature_maps", "load_weights", "network_of", "save_weights", "to_torch"]
