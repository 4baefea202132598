"""The form in which a net trains: what is written over, what is computed twice, and in which layout. No torch."""

from collections.abc import Mapping
from dataclasses import field

from netdsl.ir.network import Network
from netdsl.layers.joins import Concat
from netdsl.planning.in_place import in_place
from netdsl.record import Record, record

Segment = tuple[int, int]
"""First and last node, both included."""


@record
class Form(Record):
    """`over` are the ReLUs that write over their input. The nodes of a segment are computed again in backward.

    `inputs` are the nodes that each concat takes where it differs from the network: in place of another concat what
    that one takes, so that no segment has to keep one.
    """

    network: Network
    over: frozenset[int]
    segments: tuple[Segment, ...] = ()
    inputs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def inputs_of(self, index: int) -> tuple[int, ...]:
        return self.inputs.get(index, self.network.nodes[index].inputs)


def plain(network: Network) -> Form:
    """Everything is computed once, and a concat of a concat is made from it: measured faster than from all parts."""
    return Form(network, in_place(network))


def recomputing(network: Network, segments: tuple[Segment, ...]) -> Form:
    """What a segment takes stays what it was, since it is taken again."""
    inputs = flat_concats(network)
    owner = {index: first for first, last in segments for index in range(first, last + 1)}
    over = frozenset(
        index for index in in_place(network) if owner.get(index) == owner.get(network.nodes[index].inputs[0])
    )
    return Form(network, over, segments, inputs)


def flat_concats(network: Network) -> dict[int, tuple[int, ...]]:
    """For each concat of concats the parts that it is made of in the end."""
    flat: dict[int, tuple[int, ...]] = {}
    parts: dict[int, tuple[int, ...]] = {}
    for index, node in enumerate(network.nodes):
        if isinstance(node.layer, Concat):
            parts[index] = tuple(part for source in node.inputs for part in parts.get(source, (source,)))
            if parts[index] != node.inputs:
                flat[index] = parts[index]
    return flat


def outputs(network: Network) -> set[int]:
    """The nodes that the net gives, its heads' included."""
    return {network.output_node, *(head.node for head in network.heads.values())}
