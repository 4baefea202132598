"""The rows of a summary: layers and parts as a tree by their names, repeated siblings folded into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netdsl.ir.network import Field, Network

MOST_ROWS = 40
LONGEST_PERIOD = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a layer, a part of several layers, or `repeats` of either in a row."""

    name: str
    last_name: str
    """Of the last repeat; the same as `name` where nothing repeats."""
    code: str
    output: str
    params: int
    macs: int
    field: Field
    repeats: int = 1
    indent: int = 0
    filled_in: bool = False


@dataclass(slots=True)
class Part:
    """A node of the tree: a layer (no children), or all layers whose names start alike."""

    name: str
    path: str
    first: int
    last: int = -1
    children: list[Part] = field(default_factory=list)
    exact: int = 0
    loose: int = 0
    """Hashes of what it is made of: with all numbers, and with the kinds of layers only."""

    @property
    def layers(self) -> int:
        return sum(child.layers for child in self.children) if self.children else 1


def summary_rows(network: Network, depth: int | None = None) -> list[Row]:
    """Rows that a person can read: all of them up to 40, else as deep as 40 rows go with repeats folded.

    `depth` asks for a level of names instead, with nothing folded.
    """
    tree = _tree(network)
    deepest = max(node.name.count(".") for node in network.nodes) + 1
    if depth is not None:
        return list(_rows(network, tree, depth, fold=""))
    everything = list(_rows(network, tree, deepest, fold=""))
    if len(everything) <= MOST_ROWS:
        return everything
    for level in range(deepest, 0, -1):
        for fold in ("exact", "loose"):
            rows = list(_rows(network, tree, level, fold))
            if len(rows) < MOST_ROWS:
                return rows
    return list(_rows(network, tree, 1, fold="loose"))


def _tree(network: Network) -> list[Part]:
    top = Part("", "", 0)
    places: dict[str, Part] = {"": top}
    for index, node in enumerate(network.nodes):
        owner = top
        *path, last = node.name.split(".")
        prefix = ""
        for part in path:
            prefix = f"{prefix}.{part}" if prefix else part
            found = places.get(prefix)
            if found is None:
                places[prefix] = found = Part(part, prefix, index)
                owner.children.append(found)
            found.last = index
            owner = found
        owner.children.append(Part(last, node.name, index, index))
    _sign(network, top)
    return top.children


def _sign(network: Network, part: Part) -> None:
    if part.children:
        for child in part.children:
            _sign(network, child)
        part.exact = hash(tuple(child.exact for child in part.children))
        part.loose = hash(tuple(child.loose for child in part.children))
    else:
        node = network.nodes[part.first]
        part.exact = hash((node.layer.name, node.layer.code, node.output, network.counts[part.first].params))
        part.loose = hash(node.layer.name)


def _rows(network: Network, parts: Sequence[Part], depth: int, fold: str, indent: int = 0) -> Iterator[Row]:
    for run, repeats in _runs(parts, fold):
        if repeats == 1:
            for part in run:
                yield from _part_rows(network, part, depth, fold, indent)
        elif len(run) == 1 and not run[0].children:
            yield _row(network, run[0], parts, repeats, indent)
        elif len(run) == 1:
            yield _row(network, run[0], parts, repeats, indent)
            if depth > 1:
                yield from _rows(network, run[0].children, depth - 1, fold, indent + 1)
        else:
            for part in run:
                yield _row(network, part, parts, repeats, indent, step=len(run))


def _part_rows(network: Network, part: Part, depth: int, fold: str, indent: int) -> Iterator[Row]:
    if part.children and depth > 1:
        yield from _rows(network, part.children, depth - 1, fold, indent)
    else:
        yield _row(network, part, [part], 1, indent)


def _runs(parts: Sequence[Part], fold: str) -> Iterator[tuple[Sequence[Part], int]]:
    """Siblings with how often they repeat, alone or as a short pattern: conv, relu, conv, relu."""
    signs = [getattr(part, fold) for part in parts] if fold else []
    index = 0
    while index < len(parts):
        period, repeats = _longest_run(signs, index) if fold else (1, 1)
        yield parts[index : index + period], repeats
        index += period * repeats


def _longest_run(signs: list[int], start: int) -> tuple[int, int]:
    best = (1, 1)
    for period in range(1, min(LONGEST_PERIOD, (len(signs) - start) // 2) + 1):
        end = start + period
        while end < len(signs) and signs[end] == signs[end - period]:
            end += 1
        repeats = (end - start) // period
        if repeats > 1 and period * repeats > best[0] * best[1]:
            best = (period, repeats)
        if best[1] > 1 and best[0] * best[1] == len(signs) - start:
            break
    return best


def _row(network: Network, part: Part, siblings: Sequence[Part], repeats: int, indent: int, step: int = 1) -> Row:
    """The row of a part that repeats every `step` siblings; the numbers are sums, the shape that of the last."""
    place = next(i for i, sibling in enumerate(siblings) if sibling is part)
    every = [siblings[place + step * i] for i in range(repeats)]
    last = every[-1]
    end = max(last.first, last.last)
    node = network.nodes[end]
    counts = [row for p in every for row in network.counts[p.first : max(p.first, p.last) + 1]]
    layers = part.layers
    return Row(
        part.path,
        last.name,
        network.nodes[part.first].layer.code if not part.children else f"{layers} layer{'s' * (layers > 1)}",
        str(node.output),
        sum(row.params for row in counts),
        sum(row.macs for row in counts),
        network.fields[end],
        repeats,
        indent,
        not part.children and network.nodes[part.first].filled_in,
    )
