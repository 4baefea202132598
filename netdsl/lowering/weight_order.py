"""Which layer of a file is which layer of a net, when their names differ: by order, wherever the shapes leave no doubt.

A file keeps no order of its tensors (safetensors sorts them), so all that is left of it is in the names: parts that
differ in a counter only stand in its order (`features.8` before `features.10`, `conv1` before `conv2`), parts with
different words in any order (`squeeze`, `expand1x1`; `1x1` is a kernel and counts nothing). All layers under one part
stand together. Of all orders that the names allow, exactly one must have the net's shapes, tensor by tensor.
What this cannot see: two layers of equal shapes whose counters say the opposite of the order in which they run.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

Group = Mapping[str, Tensor]
"""The tensors of one layer: weight, bias, running_mean, ..."""

COUNTER = "num_batches_tracked"
MOST_PARTS = 30
"""Of a dotted name; deeper names are not those of a network."""
MOST_STATES = 2000
"""Of orders under way at once: more means names that say nothing."""
_NUMBERS = re.compile(r"(\d+(?:x\d+)+|\d+)")


def groups(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The tensors of each layer, by the layer's name."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        layer, _, key = name.rpartition(".")
        found.setdefault(layer, {})[key] = tensor
    return found


def same_form(ours: Tensor, theirs: Tensor) -> bool:
    """Whether one can take the other's place: equal shapes, and both fractions or both whole numbers."""
    return ours.shape == theirs.shape and ours.is_floating_point() == theirs.is_floating_point()


def natural(name: str) -> list[tuple[str, int]]:
    """Sorts `features.10` behind `features.9`."""
    return [("", int(part)) if part.isdecimal() else (part, 0) for part in re.split(r"(\d+)", name)]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A layer, or all layers whose names start alike: `chains` are lists in a known order, mixed in any way."""

    layer: str | None
    layers: int
    chains: tuple[tuple["Part", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why no mapping was found: the net's layer where it ended, and the file's layers that were tried there."""

    layer: str
    candidates: tuple[str, ...]
    ambiguous: bool = False


class Matching:
    """The search for orders of `theirs` that fit `ours`, layer by layer from the input on."""

    def __init__(
        self, ours: Mapping[str, Group], theirs: Mapping[str, Group], free: Collection[str] = frozenset()
    ) -> None:
        self.ours = list(ours.items())
        self.free = free
        """Layers of ours that take the place of theirs with other shapes."""
        self.theirs = theirs
        self.tried: list[set[str]] = [set() for _ in (*self.ours, None)]
        self._known: dict[tuple[Part, int], list[tuple[str, ...]]] = {}

    def orders(self, part: Part, start: int) -> list[tuple[str, ...]]:
        """Up to two orders of the part's layers that fit from the net's layer `start` on."""
        key = part, start
        if key not in self._known:
            self._known[key] = self._leaf(part.layer, start) if part.layer is not None else self._mixed(part, start)
        return self._known[key]

    def _leaf(self, layer: str, start: int) -> list[tuple[str, ...]]:
        self.tried[min(start, len(self.ours))].add(layer)
        if start == len(self.ours):
            return []
        name, group = self.ours[start]
        fits = name in self.free or _fits(group, self.theirs[layer])
        return [(layer,)] if fits else []

    def _mixed(self, part: Part, start: int) -> list[tuple[str, ...]]:
        """All ways to mix the chains, step by step; of ways that have used the same parts, two are enough."""
        states: dict[tuple[int, ...], tuple[int, list[tuple[str, ...]]]] = {(0,) * len(part.chains): (start, [()])}
        for _ in range(sum(map(len, part.chains))):
            following: dict[tuple[int, ...], tuple[int, list[tuple[str, ...]]]] = {}
            for used, (place, orders) in states.items():
                for index, chain in enumerate(part.chains):
                    if used[index] == len(chain):
                        continue
                    child = chain[used[index]]
                    ways = self.orders(child, place)
                    if ways:
                        now = (*used[:index], used[index] + 1, *used[index + 1 :])
                        found = following.setdefault(now, (place + child.layers, []))[1]
                        found += [(*order, *way) for order in orders for way in ways][: 2 - len(found)]
            states = following
            if len(states) > MOST_STATES:
                return []
        return [order for _, orders in states.values() for order in orders][:2]


def by_order(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> dict[str, Tensor] | Doubt:
    """The file's tensors under our names, or where and why there is a doubt."""
    ours, theirs = groups(own), groups(tensors)
    matching = Matching(ours, theirs)
    whole = _part((name.split(".", MOST_PARTS), name) for name in theirs)
    found = matching.orders(whole, 0)
    if len(found) == 1 and len(theirs) == len(ours):
        pairs = zip(ours, found[0], strict=True)
        return {f"{name}.{key}": t for name, layer in pairs for key, t in theirs[layer].items()}
    names = list(ours)
    if len(found) > 1 and len(theirs) == len(ours):
        place = next(i for i, (one, other) in enumerate(zip(*found, strict=True)) if one != other)
        return Doubt(names[place], tuple(sorted({order[place] for order in found}, key=natural)), ambiguous=True)
    place = max((i for i, tried in enumerate(matching.tried) if tried), default=0)
    if found:  # all of the file fits, and the net goes on
        place = len(theirs)
    candidates = tuple(sorted(matching.tried[place], key=natural))
    return Doubt(names[place] if place < len(names) else "", candidates)


def first_layers(
    own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], free: Collection[str] = frozenset()
) -> dict[str, str]:
    """Their names for our tensors where all layers of the file can be the net's first, in one order and no other.

    The `free` layers' shapes may be other ones; they are in the order, and not in what is given. Empty in any doubt.
    """
    ours, theirs = groups(own), groups(tensors)
    found = Matching(ours, theirs, free).orders(_part((name.split(".", MOST_PARTS), name) for name in theirs), 0)
    if len(found) != 1:
        return {}
    pairs = [(name, layer) for name, layer in zip(ours, found[0], strict=False) if name not in free]
    return {_join(name, key): _join(layer, key) for name, layer in pairs for key in theirs[layer]}


def _join(layer: str, key: str) -> str:
    return f"{layer}.{key}" if layer else key


def _part(names: Iterable[tuple[Sequence[str], str]]) -> Part:
    """The tree of dotted names, the children of each part in chains by their counters."""
    children: dict[str, list[tuple[Sequence[str], str]]] = {}
    leaves = []
    for path, name in names:
        if path:
            children.setdefault(path[0], []).append((path[1:], name))
        else:
            leaves.append(Part(name, 1))
    chains: dict[str, list[tuple[tuple[int, ...], Part]]] = {}
    for word, inside in children.items():
        pieces = _NUMBERS.split(word)
        counters = tuple(int(piece) for piece in pieces if piece.isdecimal())
        pattern = "".join("#" if piece.isdecimal() else piece for piece in pieces)
        chains.setdefault(pattern, []).append((counters, _part(inside)))
    ordered = [tuple(part for _, part in sorted(chain, key=lambda c: c[0])) for chain in chains.values()]
    every = [*((leaf,) for leaf in leaves), *ordered]
    if len(every) == 1 and len(every[0]) == 1:
        return every[0][0]
    return Part(None, sum(part.layers for chain in every for part in chain), tuple(every))


def _fits(ours: Group, theirs: Group) -> bool:
    needed = ours.keys() - {COUNTER}
    return needed <= theirs.keys() <= ours.keys() and all(same_form(ours[k], t) for k, t in theirs.items())
