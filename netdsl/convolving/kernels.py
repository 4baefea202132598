"""Which convolution each fully connected layer of a laid-out net is: its kernel is the whole map that it sees."""

from __future__ import annotations

from typing import Any, NoReturn

from netdsl.diagnostics import Problem, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Node
from netdsl.layers.linear import Flatten, Linear
from netdsl.passes.resize import seen
from netdsl.record import Record, record

PLANE = 2  # axes of the one-pixel map that a convolution sees in a vector


@record
class Seen(Record):
    """A fully connected layer and the map it sees once nothing is flattened any more."""

    node: int
    in_channels: int
    out_features: int
    kernel_size: tuple[int, ...]

    @property
    def is_map(self) -> bool:
        return any(n > 1 for n in self.kernel_size)


def kernels(network: Network) -> list[Seen]:
    """Every `F` of a net with its map, one pixel large behind another `F`.

    `flatten` hands its map on: what follows sees the channels of each pixel.
    Errors: DiagnosticsError with NET636 where that changes what a layer between `flatten` and `F` does
    """
    outputs: list[FeatureMap] = []
    found: list[Seen] = []
    for index, node in enumerate(network.nodes):
        if not node.inputs:
            outputs.append(node.output)
            continue
        x = seen(node, outputs)
        match node.layer:
            case Linear():
                size = x.size or (1,) * (len(network.input.size) or PLANE)
                found.append(Seen(index, x.channels, node.layer.out_features, size))
                outputs.append(FeatureMap(node.layer.out_features, (1,) * len(size)))
            case Flatten():
                outputs.append(x)
            case _:
                outputs.append(_output(network, node, x))
    return found


def _output(network: Network, node: Node, x: Any) -> FeatureMap:
    problem = next(node.layer.problems(x), None)
    same_weights = isinstance(x, tuple) or node.layer.params(x) == node.layer.params(node.x)
    if problem is not None or not same_weights:
        _another_layer(network, node, x, problem)
    return node.layer.output(x)


def _another_layer(network: Network, node: Node, x: Any, problem: Problem | None) -> NoReturn:
    fail(
        "NET636",
        f"`{network.name}` cannot be made fully convolutional: `{node.span.text}` would be another layer on a map",
        span=node.span,
        expected="layers that do the same to a vector and to a map of one pixel",
        found=f"{node.x} as it is, {x} where nothing is flattened" if problem is None else problem.message,
    )
