"""A network as what has to be done for its picture, for a picture of some size: refused where tiles cannot do it."""

from dataclasses import dataclass
from math import prod
from typing import Literal

from netdsl.diagnostics import InternalError, fail
from netdsl.geometry import FeatureMap, Slide
from netdsl.ir.network import Network, Node
from netdsl.layers import Condition, Input, Layer
from netdsl.layers.norm import InstanceNorm
from netdsl.layers.tagged import Crop
from netdsl.passes.resize import Misfit, Resizer, seen

Kind = Literal["input", "norm", "window", "crop", "pixel"]

WHOLE = {
    "group_norm": "its mean and variance are those of several channels of the whole picture",
    "local": "it has weights of its own at each place",
    "unpool": "its pool's maxima are found again in a map",
    "tied": "it takes the size of what another convolution took",
}
"""Layers that look at one place, or a window, by what they say, and still cannot be run on a part of the picture."""


@dataclass(frozen=True, slots=True)
class Step:
    """One node at the picture's size. `inputs` are nodes that make maps, not the condition of a norm."""

    index: int
    kind: Kind
    layer: Layer
    inputs: tuple[int, ...]
    x: FeatureMap
    output: FeatureMap
    slides: tuple[Slide, ...]
    """Of a window, and where a crop begins."""
    macs: int

    @property
    def pixels(self) -> int:
        return prod(self.output.size)


def steps_of(network: Network, size: tuple[int, int]) -> dict[int, Step]:
    """What the output of the net needs, in order, by node, for a picture of this height and width.

    Errors: DiagnosticsError with NET660 for a net that cannot be run on tiles
    """
    maps = Resizer(network).maps(FeatureMap(network.input.channels, size))
    if isinstance(maps, Misfit):
        raise InternalError(f"{network.name} was asked to take {size}: {maps.problem.message}")
    needed = {network.output_node}
    for index in range(network.output_node, 0, -1):
        if index in needed:
            needed |= set(network.nodes[index].inputs)
    return {
        index: _step(network, index, maps)
        for index in sorted(needed)
        if not isinstance(network.nodes[index].layer, Condition)
    }


def _step(network: Network, index: int, maps: list[FeatureMap]) -> Step:
    node = network.nodes[index]
    inputs, x = node.inputs, seen(node, maps)
    kind, why = _kind(node, x, maps[index])
    if why:
        fail(
            "NET660",
            f"`{node.layer.code}` of `{network.name}` cannot be run on tiles",
            span=node.span,
            expected="layers that look at a window of the picture, and instance normalization",
            found=why,
            note="without --tile the net paints the whole picture at once",
        )
    if kind in ("norm", "crop"):  # behind what comes in stands a condition, or the map whose size it is
        inputs = inputs[:1]
    first = x[0] if isinstance(x, tuple) else x
    reach = node.layer.reach(x)
    slides = reach if isinstance(reach, tuple) else ()
    return Step(index, kind, node.layer, inputs, first, maps[index], slides, node.layer.macs(x))


def _kind(node: Node, x: FeatureMap | tuple[FeatureMap, ...], output: FeatureMap) -> tuple[Kind, str]:
    """How a node is run on tiles, or why it cannot."""
    layer = node.layer
    reach = layer.reach(x)
    if layer.name in WHOLE:
        return "pixel", WHOLE[layer.name]
    if reach == "whole map" or len(output.size) != 2:
        return "pixel", "it sees the whole picture"
    if isinstance(layer, Input):
        return "input", ""
    if isinstance(layer, InstanceNorm):
        return "norm", ""
    if isinstance(layer, Crop):
        return "crop", ""
    if isinstance(reach, tuple):
        return "window", ""
    alike = not isinstance(x, tuple) or all(y.size == output.size for y in x)
    return "pixel", "" if alike else "a branch of one number a channel hangs on the whole picture"
