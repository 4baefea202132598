"""Which convolutions and linear layers keep their bias: not those whose bias a norm takes away again."""

from dataclasses import replace
from typing import Any

from netdsl.ir.network import Network, Node


def settle_bias(network: Network) -> Network:
    """Decide every bias that the text left open.

    Needs:   a network that is laid out
    Makes:   every `bias` true or false; `dropped_biases` lists the nodes that lost theirs
    Reports: nothing

    A bias goes when every path from the layer reaches a batch or instance norm through nothing but ops that hand a
    constant on (add, concat, split, shuffle, dropout, upsampling, unpadded pooling): the norm subtracts the mean.
    """
    removable = _removable(network)
    dropped = []
    settled: dict[tuple[int, bool], Any] = {}
    result: list[Node] = []
    for index, node in enumerate(network.nodes):
        layer = node.layer
        if getattr(layer, "bias", True) is not None:
            result.append(node)
            continue
        key = (id(layer), not removable[index])
        if key not in settled:
            settled[key] = replace(layer, bias=key[1])  # type: ignore[call-arg]
        if removable[index] and node.repeats is None:
            dropped.append(index)
        result.append(replace(node, layer=settled[key]))
    return replace(network, nodes=tuple(result), dropped_biases=tuple(dropped))


def _removable(network: Network) -> list[bool]:
    """For each node: does every path from it take a constant away again? What is shared answers for all its uses."""
    nodes = network.nodes
    ends = {network.output_node, *(head.node for head in network.heads.values())}
    removable = [False] * len(nodes)
    consumers = [0] * len(nodes)
    removed = [0] * len(nodes)
    for index in range(len(nodes) - 1, 0, -1):
        node = nodes[index]
        removable[index] = consumers[index] > 0 and removed[index] == consumers[index] and index not in ends
        hands_on = node.layer.subtracts_mean or (node.layer.passes_mean and removable[index])
        for place, source in enumerate(node.inputs):
            consumers[source] += 1
            by_size_or_place = place > 0 and not node.layer.is_join  # a constant changes neither
            removed[source] += hands_on or by_size_or_place
    for index, node in enumerate(nodes):  # what is shared has one bias for all its uses
        if node.repeats is not None and not removable[index]:
            removable[node.repeats] = False
    for index, node in enumerate(nodes):
        if node.repeats is not None:
            removable[index] = removable[node.repeats]
    return removable
