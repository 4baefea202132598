"""Which layer made each channel of a feature map: followed through all that hands channels on or puts maps together."""

from __future__ import annotations

from collections.abc import Iterable

from netdsl.ir.network import Network, Node
from netdsl.layers.joins import Slice
from netdsl.layers.linear import Flatten
from netdsl.layers.resize import Shuffle

Runs = tuple[tuple[int, int], ...]
"""Channels in order, as nodes and how many in a row they made."""

PUT_TOGETHER = frozenset(["concat", "split"])
HANDS_ON = frozenset(
    [
        *("avg_pool", "max_pool", "global_avg_pool", "unpool", "upsample", "crop", "pad"),
        *("batch_norm", "instance_norm", "group_norm", "layer_norm", "local_response_norm", "l2_norm"),
        *("dropout", "spatial_dropout", "drop_path", "scale", "times", "softmax"),
        *("relu", "elu", "gelu", "hardsigmoid", "hardswish", "leaky_relu", "prelu", "sigmoid", "silu", "tanh"),
    ]
)
"""What gives each channel that comes in under its own number. Sums and products of maps make new ones."""


def origins(network: Network) -> list[Runs]:
    """For each node, the nodes that made the channels of what it gives: its own number for a convolution.

    The input, convolutions, linear layers and sums are where channels begin; concatenation puts them in a row, norms,
    activations, pooling and dropout hand them on, `flatten` with as many numbers a channel as the map has pixels.
    """
    found: list[Runs] = []
    for index, node in enumerate(network.nodes):
        found.append(_of(index, node, [found[i] for i in node.inputs]))
    return found


def _of(index: int, node: Node, before: list[Runs]) -> Runs:
    layer = node.layer
    if layer.name in PUT_TOGETHER:
        return _merged(run for runs in before for run in runs)
    if layer.name in HANDS_ON:
        return before[0]
    match layer:
        case Slice():
            size = node.output.channels
            return cut(before[0], layer.index * size, (layer.index + 1) * size)
        case Shuffle():
            each = [source for source, count in before[0] for _ in range(count)]
            width = len(each) // layer.groups
            return _merged((each[g * width + i], 1) for i in range(width) for g in range(layer.groups))
        case Flatten():
            pixels = node.output.channels // node.x.channels
            return tuple((source, count * pixels) for source, count in before[0])
    return ((index, node.output.channels),)


def cut(runs: Runs, start: int, end: int) -> Runs:
    """The channels from `start` to before `end`."""
    found: list[tuple[int, int]] = []
    at = 0
    for source, count in runs:
        inside = min(at + count, end) - max(at, start)
        if inside > 0:
            found.append((source, inside))
        at += count
    return tuple(found)


def _merged(runs: Iterable[tuple[int, int]]) -> Runs:
    """Neighbours from one node as one run."""
    found: list[tuple[int, int]] = []
    for source, count in runs:
        if found and found[-1][0] == source:
            found[-1] = (source, found[-1][1] + count)
        else:
            found.append((source, count))
    return tuple(found)
