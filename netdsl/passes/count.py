"""Parameters, buffers, multiply-accumulates of each node, and the depth of the net."""

from dataclasses import replace

from netdsl.ir.network import Counts, Network


def count(network: Network) -> Network:
    """Count every node.

    Needs:   shapes and biases settled
    Makes:   `counts`, a row a node, and `depth`: weighted layers (C, T, F, local) on the longest path to the output.
             What is shared is counted with its first use; its MACs and depth count each time
    Reports: nothing
    """
    known: dict[tuple[int, int], Counts] = {}
    counts = []
    depths: list[int] = []
    for node in network.nodes:
        key = (id(node.layer), id(node.x))
        found = known.get(key)
        if found is None:
            layer, x = node.layer, node.x
            known[key] = found = Counts(layer.params(x), layer.buffers(x), layer.macs(x))
        counts.append(found if node.repeats is None else Counts(0, 0, found.macs))
        before = node.inputs if node.layer.is_join else node.inputs[:1]
        depths.append(max((depths[i] for i in before), default=0) + node.layer.weighted)
    outputs = {network.output_node, *(network.heads[name].node for name in network.final_heads)}
    return replace(network, counts=tuple(counts), depth=max(depths[i] for i in outputs))
