"""How much memory a training step takes at its peak: what is alive, node by node, forward and backward.

Bytes of float32 tensors, with the channels last: a convolution then needs a copy of its weights in the library's own
order, and none of its maps. What it leaves out: the library's programs and lists of a few MiB, and what an allocator
cannot use of what it has.
"""

from collections import Counter
from collections.abc import Hashable, Iterable

from netdsl.ir.network import Node
from netdsl.planning.form import Form, outputs

FLOAT = 4
VIEWS = {"slice"}
"""Layers whose output is a part of their input."""
HANDED_ON = {"add", "concat", "split", "slice"}
"""Layers that hand their gradient on, or parts of it, without a copy."""


class _Alive:
    """What is held, by how many, and the most that ever was."""

    def __init__(self) -> None:
        self.holders: Counter[Hashable] = Counter()
        self.sizes: dict[Hashable, int] = {}
        self.total = self.peak = 0

    def hold(self, key: Hashable, size: int) -> None:
        if not self.holders[key]:
            self.sizes[key] = size
            self.total += size
            self.peak = max(self.peak, self.total)
        self.holders[key] += 1

    def drop(self, key: Hashable) -> None:
        self.holders[key] -= 1
        if not self.holders[key]:
            self.total -= self.sizes[key]

    def briefly(self, size: int) -> None:
        self.peak = max(self.peak, self.total + size)


def peak_bytes(form: Form, batch: int, numbers_per_weight: int = 1) -> int:
    """The most that a step on `batch` images holds: weights, what the optimizer keeps of each, and all the rest."""
    network = form.network
    kept = FLOAT * (network.params * (1 + numbers_per_weight) + network.buffers)
    largest = max((row.params for row in network.counts), default=0)
    step = FLOAT * (network.params + 2 * largest)  # the optimizer's sums, weight by weight
    return kept + max(passes_bytes(form, batch), step)


def passes_bytes(form: Form, batch: int) -> int:
    """The most that is alive in the forward and the backward pass, without what is there between two steps."""
    return _Step(form, batch).peak()


class _Step:
    """One step as it goes. A tensor is known by the node that made its memory, a gradient by a number of its own."""

    def __init__(self, form: Form, batch: int) -> None:
        self.form, self.network, self.batch = form, form.network, batch
        self.alive = _Alive()
        self.roots = self._roots()
        self.segments = dict(form.segments)
        self.saved: dict[int, list[Hashable]] = {}
        self.gradients: dict[int, Hashable] = {}
        self.made = 0

    def peak(self) -> int:
        alive, nodes = self.alive, range(1, len(self.network.nodes))
        given = outputs(self.network)
        left = self._uses(nodes)
        left.update(self.roots[index] for index in (0, *given))  # whoever calls holds the images and what comes out
        pieces = list(self._pieces())
        taken: dict[int, list[Hashable]] = {}
        alive.hold(0, self._size(0))
        for first, last in pieces:
            twice = first in self.segments
            if twice:
                taken[first] = self._taken(first, last)
            for index in range(first, last + 1):
                self._forward(index, left, keeps=not twice)
        for index in given:
            self._hand(index, self._size(index))
        for first, last in reversed(pieces):
            inside = range(first, last + 1)
            if first in taken:
                again = self._uses(inside)
                for index in inside:
                    self._forward(index, again, keeps=True, since=first)
            for index in reversed(inside):
                self._backward(index)
            for key in taken.get(first, ()):
                alive.drop(key)
        return alive.peak

    def _roots(self) -> list[int]:
        """For each node the node whose memory its output is in."""
        roots: list[int] = []
        for index, node in enumerate(self.network.nodes):
            shared = index in self.form.over or node.layer.name in VIEWS
            roots.append(roots[node.inputs[0]] if shared else index)
        return roots

    def _uses(self, nodes: Iterable[int]) -> Counter[int]:
        return Counter(self.roots[source] for index in nodes for source in self.form.inputs_of(index))

    def _size(self, index: int) -> int:
        return FLOAT * self.batch * self.network.nodes[index].output.numel

    def _pieces(self) -> Iterable[tuple[int, int]]:
        """Segments, and the single nodes between them."""
        index = 1
        while index < len(self.network.nodes):
            last = self.segments.get(index, index)
            yield index, last
            index = last + 1

    def _taken(self, first: int, last: int) -> list[Hashable]:
        """What a segment takes from before it, held."""
        inside = range(first, last + 1)
        found = {self.roots[s] for index in inside for s in self.form.inputs_of(index) if s < first}
        for key in found:
            self.alive.hold(key, self.alive.sizes[key])
        return list(found)

    def _forward(self, index: int, left: Counter[int], keeps: bool, since: int = 0) -> None:
        """`left` are the uses to come; what was made before `since` is not this pass's to let go of."""
        node, alive, root = self.network.nodes[index], self.alive, self.roots[index]
        if root == index:
            alive.hold(index, self._size(index))
        alive.briefly(self._weights(index))
        if keeps:
            self._keep(index, node)
        gone = [self.roots[source] for source in self.form.inputs_of(index)]
        for source in gone:
            left[source] -= 1
            if not left[source] and source >= since:
                alive.drop(source)
        if root == index and not left[root]:
            alive.drop(root)

    def _keep(self, index: int, node: Node) -> None:
        held: list[Hashable] = []
        over = index in self.form.over
        if node.layer.saves_input and not over:
            held += [self.roots[source] for source in self.form.inputs_of(index)]
        if node.layer.saves_output or over:
            held.append(self.roots[index])
        for key in held:
            self.alive.hold(key, self.alive.sizes[key])
        mask = FLOAT if node.layer.name == "dropout" else 1  # on a CPU torch keeps floats where a GPU has bytes
        if scratch := mask * self.batch * node.layer.scratch_bytes(node.x):
            held.append(("scratch", index))
            self.alive.hold(held[-1], scratch)
        self.saved[index] = held

    def _weights(self, index: int) -> int:
        return FLOAT * self.network.counts[index].params

    def _hand(self, index: int, size: int, key: Hashable = None) -> None:
        """A node gets a gradient: a new one, or with a `key` one that is there; a second one is added to the first."""
        before = self.gradients.get(index)
        if before is not None and key is None:
            self.alive.briefly(2 * size)
        if before is not None or key is None:
            self.made += 1
            key = ("gradient", self.made)
        self.alive.hold(key, size)
        self.gradients[index] = key
        if before is not None:
            self.alive.drop(before)

    def _backward(self, index: int) -> None:
        node = self.network.nodes[index]
        mine = self.gradients.pop(index, None)
        if mine is not None:  # else nothing behind it counts for the loss
            self.alive.briefly(self._weights(index))
            if self._weights(index):
                self.alive.hold(("weights", index), self._weights(index))
            for source in self.form.inputs_of(index):
                if source:
                    self._hand(source, self._size(source), mine if node.layer.name in HANDED_ON else None)
            self.alive.drop(mine)
        for key in self.saved.pop(index, []):
            self.alive.drop(key)
