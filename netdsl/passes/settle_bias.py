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
    nodes = network.nodes
    ends = {network.output_node, *(head.node for head in network.heads.values())}
    removable = [False] * len(nodes)
    consumers = [0] * len(nodes)
    removed = [0] * len(nodes)
    for index in range(len(nodes) - 1, 0, -1):
        node = nodes[index]
        removable[index] = consumers[index] > 0 and removed[index] == consumers[index] and index not in ends
        hands_on = node.layer.subtracts_mean or (node.layer.passes_mean and removable[index])
        for source in node.inputs:
            consumers[source] += 1
            removed[source] += hands_on
    dropped = []
    settled: dict[tuple[int, bool], Any] = {}
    result: list[Node] = []
    for index, node in enumerate(nodes):
        layer = node.layer
        if getattr(layer, "bias", True) is not None:
            result.append(node)
            continue
        key = (id(layer), not removable[index])
        if key not in settled:
            settled[key] = replace(layer, bias=key[1])  # type: ignore[call-arg]
        if removable[index]:
            dropped.append(index)
        result.append(replace(node, layer=settled[key]))
    return replace(network, nodes=tuple(result), dropped_biases=tuple(dropped))
