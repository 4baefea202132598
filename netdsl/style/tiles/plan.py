"""In which order a picture is painted tile by tile: a pass for each norm, and which maps are kept between passes.

The mean and variance of a norm are those of its whole input, so everything before it is computed once for the whole
picture before anything behind it is. A pass computes the input of one norm, tile by tile, from the maps that earlier
passes have kept, or from the picture. What is kept is not computed again; what is not costs no memory. A plan keeps
the maps up to a size, so that the large ones at the beginning and at the end of a net are computed again, and the many
small ones in its middle are not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from netdsl.style.tiles.steps import Step

Steps = Mapping[int, Step]

KEPT = 2**30
"""Bytes of kept maps that a plan tries to stay within."""
PATIENCE = 2.0
"""How many times the net's own operations a plan may take, to save memory, before it takes more memory instead."""
FULL, HALF = 4, 2
"""Bytes of a kept number: float32, or half of it where that is too much."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One way over the picture: `nodes` are computed in this order, the last for its moments or as the output."""

    nodes: tuple[int, ...]
    sources: tuple[int, ...]
    """Kept maps that are read; the picture, node 0, is a node like others."""
    kept: tuple[int, ...] = ()
    """Nodes whose maps are written down."""
    dropped: tuple[int, ...] = ()
    """Kept maps that are not read again."""

    @property
    def target(self) -> int:
        return self.nodes[-1]


@dataclass(frozen=True, slots=True)
class Plan:
    """Passes in order.

    `kept` is the most that kept maps take together, bytes; `work` is in MACs, what of tiles overlaps left out.
    """

    passes: tuple[Pass, ...]
    number: int
    """Bytes of a kept number."""
    kept: int
    work: int


def plan(steps: Steps, budget: int = KEPT) -> Plan:
    """The least work whose maps fit into `budget` bytes; if none does, in half precision; else the least memory."""
    once = max(1, sum(step.macs for step in steps.values()))
    patient: list[Plan] = []
    for number in (FULL, HALF):
        plans = [planned(steps, number, limit) for limit in _limits(steps)]
        patient += (in_time := [each for each in plans if each.work <= PATIENCE * once])
        fitting = [each for each in in_time if each.kept <= budget]
        if fitting:
            return min(fitting, key=lambda each: (each.work, each.kept))
    return min(patient, key=lambda each: (each.kept, each.work))


def _limits(steps: Steps) -> list[int]:
    """Sizes up to which maps may be kept: numbers of a map."""
    return sorted({0, *(step.output.numel for step in steps.values())})


def planned(steps: Steps, number: int, limit: int) -> Plan:
    """The plan that keeps maps of `limit` numbers or fewer, in so many bytes a number."""
    kept: set[int] = set()
    passes: list[Pass] = []
    for target in _targets(steps):
        nodes, sources = _traced(steps, target, kept)
        last = target == max(steps)
        new = [node for node in nodes if not last and _worth(steps, node, target, kept, limit)]
        passes.append(Pass(nodes, sources, tuple(new)))
        kept |= set(new)
    passes = list(_let_go(passes))
    work = sum(steps[node].macs for each in passes for node in each.nodes)
    return Plan(tuple(passes), number, number * _most(steps, passes), work)


def _targets(steps: Steps) -> list[int]:
    """What is computed by a pass of its own: the input of each norm, and the output."""
    norms = dict.fromkeys(step.inputs[0] for step in steps.values() if step.kind == "norm")
    return [*sorted(norms), max(steps)]


def _traced(steps: Steps, target: int, kept: set[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The nodes between kept maps and the target, in order, and those maps."""
    nodes: set[int] = set()
    sources: set[int] = set()
    waiting = [target]
    while waiting:
        index = waiting.pop()
        if index in kept:
            sources.add(index)
        elif index not in nodes:
            nodes.add(index)
            waiting += steps[index].inputs
    return tuple(sorted(nodes)), tuple(sorted(sources))


def _worth(steps: Steps, node: int, target: int, kept: set[int], limit: int) -> bool:
    """A norm's input is kept, and so is a sum that stands for several kept maps and is smaller than they."""
    size = steps[node].output.numel
    if size > limit or steps[node].kind == "input":
        return False
    if node == target:
        return True
    uses = sum(node in step.inputs for step in steps.values())
    _, sources = _traced(steps, node, kept)
    return uses > 1 and len(sources) > 1 and size < sum(steps[source].output.numel for source in sources)


def _let_go(passes: list[Pass]) -> Iterator[Pass]:
    """Nothing is kept that no later pass reads, and nothing after it was read for the last time."""
    for number, each in enumerate(passes):
        later = {source for other in passes[number + 1 :] for source in other.sources}
        new = tuple(node for node in each.kept if node in later)
        yield replace(each, kept=new, dropped=tuple(s for s in each.sources if s not in later))


def _most(steps: Steps, passes: list[Pass]) -> int:
    """Numbers of the maps that are kept at one time, at most."""
    alive, most = 0, 0
    for each in passes:
        alive += sum(steps[node].output.numel for node in each.kept)
        most = max(most, alive)
        alive -= sum(steps[node].output.numel for node in each.dropped)
    return most
