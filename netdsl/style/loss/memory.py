"""Memory that a loss network's feature maps take, worked out from its layers: bytes for each pixel of the picture."""

from collections.abc import Iterable

from netdsl.layers.conv import Conv
from netdsl.layers.pool import MaxPool
from netdsl.style.loss.network import LossNetwork

FLOAT, PLACE = 4, 8
"""Bytes of a number of float32, and of the place that a pool remembers of each number it gives."""


def kept(network: LossNetwork, widened: Iterable[str] = ()) -> int:
    """What a pass keeps for the gradient: maps, what pools remember, and float32 copies of some layers' maps."""
    wide = network.dtype.itemsize
    in_use = {name.rpartition(".")[0] for name in network.module.state_dict()}
    number = 0.0
    nodes = network.network.nodes
    last = max(place for place, node in enumerate(nodes) if node.name in in_use)
    whole = _numel(network)
    for node in nodes[: last + 1]:
        if isinstance(node.layer, Conv):  # the rectifier behind it works in place
            number += node.output.numel / whole * wide
        elif isinstance(node.layer, MaxPool):
            number += node.output.numel / whole * (wide + PLACE)
    if wide < FLOAT:
        number += sum(per_pixel(network, layer) for layer in widened) * FLOAT
    return round(number)


def passing(network: LossNetwork) -> int:
    """What backward makes at the largest map: gradients in and out, a copy, and one in float32."""
    largest = max(per_pixel(network, layer) for layer in network.layers)
    return round(largest * (3 * network.dtype.itemsize + FLOAT))


def per_pixel(network: LossNetwork, layer: str) -> float:
    """Numbers of a layer's map."""
    nodes = {node.name: node for node in network.network.nodes}
    return nodes[network.layers[layer]].output.numel / _numel(network)


def _numel(network: LossNetwork) -> int:
    size = network.network.input.size
    return size[0] * size[1]
