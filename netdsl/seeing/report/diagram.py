"""A net as a row of stages, each the maps of one size: how large they are, how many, and what makes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Node

MOST = 14
"""Stages that are drawn one by one; of more, those in the middle are one."""
UNIT, DEPTH = 9.0, 5.0  # pixels of the drawing for a doubling of the size, and of the channels
LEAST = 6.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Neighbouring layers of one map size. The drawing is `width` by `height` pixels with a side of `depth`."""

    name: str
    output: str
    layers: str
    params: int
    size: tuple[int, ...]
    channels: int

    @property
    def height(self) -> float:
        return LEAST + UNIT * log2(max(self.size, default=1))

    @property
    def width(self) -> float:
        return LEAST + DEPTH * log2(self.channels)

    @property
    def depth(self) -> float:
        """Of the side that is seen: none of a vector, which is drawn as a bar."""
        return 0.35 * self.height if max(self.size, default=1) > 1 else 0.0


def stages(network: Network) -> list[Stage]:
    """What follows each other on the way to the output, from the input on.

    A stage begins where the size changes in a layer that everything goes through, so that the branches of a module are
    inside one. Heads that are on while training only are left out.
    """
    made = [_stage(network, first, last) for first, last in _pieces(network)]
    if len(made) > MOST:
        half = MOST // 2
        made = [*made[:half], _rest(made[half:-half]), *made[-half:]]
    return made


def _pieces(network: Network) -> Iterator[tuple[int, int]]:
    """Ranges of nodes that end where the trunk's size is about to change."""
    trunk = _trunk(network)
    yield 0, 0
    first = 1
    for here, following in zip(trunk[1:], [*trunk[2:], None], strict=True):
        if following is None or _sides(network, here) != _sides(network, following):
            yield first, here
            first = here + 1


def _trunk(network: Network) -> list[int]:
    """The nodes that every way from the input to the output goes through; where hardly any are, all with weights."""
    nodes = network.nodes
    leading = _leading(network)
    reach = 0
    found = [0]
    users: dict[int, int] = {}
    for index in leading:
        for source in nodes[index].inputs:
            users[source] = max(users.get(source, 0), index)
    for index in leading[1:]:
        if reach <= index:
            found.append(index)
        reach = max(reach, users.get(index, index))
    sizes = {_sides(network, index) for index in leading}
    if len({_sides(network, index) for index in found}) < min(len(sizes), 3):
        weighted = [i for i in leading if i == 0 or nodes[i].layer.weighted or i == network.output_node]
        return weighted if len(weighted) > 1 else found
    return found


def _leading(network: Network) -> list[int]:
    """Nodes that the output is computed from, without the further inputs."""
    seen: set[int] = set()
    waiting = [network.output_node]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += network.nodes[at].inputs
    return sorted(i for i in seen if i == 0 or network.nodes[i].inputs)


def _sides(network: Network, index: int) -> tuple[int, ...]:
    return _size(network.nodes[index].output)


def _size(x: FeatureMap) -> tuple[int, ...]:
    return x.size if x.numel > x.channels else ()


def _stage(network: Network, first: int, last: int) -> Stage:
    output = network.nodes[last].output
    if first == 0:
        return Stage("input", str(output), "", 0, _size(output), output.channels)
    training = [head for name, head in network.heads.items() if name not in network.final_heads]
    inside = [i for i in range(first, last + 1) if not any(head.first <= i <= head.last for head in training)]
    params = sum(network.counts[i].params for i in inside)
    nodes = [network.nodes[i] for i in inside]
    return Stage(_name(network, inside), _text(output), _words(nodes), params, _size(output), output.channels)


def _name(network: Network, inside: Sequence[int]) -> str:
    """The tags that end here, else the parts that the layers belong to, else the layers."""
    names = [tag for tag, at in network.tags.items() if "." not in tag and at.node in inside]
    names = names or [network.nodes[i].name.partition(".")[0] for i in inside]
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _words(nodes: Sequence[Node]) -> str:
    """`6 conv, 2 linear`: what has weights; else what there is."""
    weighted = [node.layer.name for node in nodes if node.layer.weighted]
    names = weighted or [node.layer.name for node in nodes]
    return ", ".join(f"{names.count(name)} {name.replace('_', ' ')}" for name in dict.fromkeys(names))


def _text(x: FeatureMap) -> str:
    return str(x) if x.numel > x.channels else str(x.channels)


def _rest(between: Sequence[Stage]) -> Stage:
    last = between[-1]
    params = sum(stage.params for stage in between)
    return Stage(f"{len(between)} more", last.output, "", params, last.size, last.channels)
