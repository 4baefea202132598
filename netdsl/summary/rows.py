"""The rows of a summary: layers and parts as a tree by their names, repeated siblings folded into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from netdsl.diagnostics import Span
from netdsl.ir.network import Field, Network
from netdsl.passes.open_sizes import open_shapes

MOST_ROWS = 40
LONGEST_PERIOD = 8
FEWEST_REPEATS = 5
"""Of a pattern of several layers: three times conv, relu reads better as six rows."""


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
    node: int = 0
    """The last node of it, whose output is shown."""
    rule: Span | None = None
    """The rule of a variant that made the layer."""


@dataclass(slots=True)
class Part:
    """A node of the tree: a layer (no children), or all layers whose names start alike."""

    name: str
    path: str
    first: int
    last: int = -1
    children: list[Part] = field(default_factory=list)
    same: int = 0
    exact: int = 0
    loose: int = 0
    """Hashes of what it is made of: with all numbers; and where no tag tells it apart; then kinds of layers only."""

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
    everything = list(islice(_rows(network, tree, deepest, fold=""), MOST_ROWS + 1))
    if len(everything) <= MOST_ROWS:
        return everything
    _sign(network, tree, {})
    levels = range(deepest, 1, -1)
    for level, fold in [*((n, fold) for fold in ("exact", "loose") for n in levels), (1, "exact"), (1, "same")]:
        rows = list(islice(_rows(network, tree, level, fold), MOST_ROWS))
        if len(rows) < MOST_ROWS:
            return rows
    return list(_rows(network, tree, 1, fold="loose"))


def rule_text(rule: Span) -> str:
    """A rule of a variant as it was written, on one line."""
    return " ".join(rule.text.split())


def with_open_sizes(network: Network, rows: Sequence[Row]) -> tuple[list[Row], Mapping[str, str]]:
    """The rows with formulas for open sizes, such as `64xH/4xW/4` and `2x(H-188)x(W-188)`.

    They hold for sizes that the strides divide alike; also gives, by letter, which these are.
    """
    shapes, turns = open_shapes(network, in_turn=True)
    made = []
    for row in rows:
        texts = [str(size).replace(" ", "") for size in shapes[row.node]]
        shape = "x".join(f"({text})" if "+" in text or "-" in text else text for text in texts)
        made.append(replace(row, output=shape, code=row.code if row.node else f"input {shape}"))
    return made, turns


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
    _flatten(top)
    return top.children


def _flatten(part: Part) -> None:
    """A part that holds only one other part is shown as that part: `unit1` in place of `unit1.residual1`."""
    while len(part.children) == 1 and part.children[0].children and part.name:
        part.children = part.children[0].children
    for child in part.children:
        _flatten(child)


def _sign(network: Network, parts: Sequence[Part], known: dict[tuple[int, int], int]) -> None:
    """Fill in the hashes; equal layers on equal inputs are one object, so most are `known`."""
    for part in parts:
        if part.children:
            _sign(network, part.children, known)
            part.same = hash(tuple(child.same for child in part.children))
            part.exact = hash(tuple(child.exact for child in part.children))
            inside = tuple(child.loose for child in part.children)
            word = part.name if part.name.startswith("branch") else part.name.rstrip("0123456789")
            part.loose = hash((word, inside))
        else:
            node = network.nodes[part.first]
            key = (id(node.layer), id(node.output))
            if key not in known:
                known[key] = hash((node.layer.name, node.layer.code, node.output, network.counts[part.first].params))
            part.same = part.exact = known[key]
            part.loose = hash(node.layer.name)
        if part.path in network.tags:
            part.exact, part.loose = hash((part.name, part.exact)), hash((part.name, part.loose))


def _rows(
    network: Network, parts: Sequence[Part], depth: int, fold: str, indent: int = 0, prefix: str = ""
) -> Iterator[Row]:
    """Rows of siblings. Inside a folded part, names are shown without the `prefix` that its own row has."""
    for run, repeats in _runs(parts, fold):
        if repeats == 1:
            for part in run:
                if part.children and depth > 1:
                    yield from _rows(network, part.children, depth - 1, fold, indent, prefix)
                else:
                    yield _row(network, part, [part], 1, indent, prefix)
        elif len(run) > 1 or not run[0].children:
            for part in run:
                yield _row(network, part, parts, repeats, indent, prefix, step=len(run))
        else:
            yield _row(network, run[0], parts, repeats, indent, prefix)
            if depth > 1:
                yield from _rows(network, run[0].children, depth - 1, fold, indent + 1, run[0].path + ".")


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
        enough = FEWEST_REPEATS if period > 1 else 2
        if repeats >= enough and period * repeats > best[0] * best[1]:
            best = (period, repeats)
        if best[1] > 1 and best[0] * best[1] == len(signs) - start:
            break
    return best


def _row(
    network: Network, part: Part, siblings: Sequence[Part], repeats: int, indent: int, prefix: str, step: int = 1
) -> Row:
    """The row of a part that repeats every `step` siblings; the numbers are sums, the shape that of the last."""
    place = next(i for i, sibling in enumerate(siblings) if sibling is part)
    every = [siblings[place + step * i] for i in range(repeats)]
    last = every[-1]
    end = max(last.first, last.last)
    counts = [row for p in every for row in network.counts[p.first : max(p.first, p.last) + 1]]
    return Row(
        part.path.removeprefix(prefix),
        last.name,
        _code(network, every),
        str(network.nodes[end].output),
        sum(row.params for row in counts),
        sum(row.macs for row in counts),
        network.fields[end],
        repeats,
        indent,
        not part.children and network.nodes[part.first].filled_in,
        end,
        None if part.children else network.nodes[part.first].rule,
    )


def _code(network: Network, every: Sequence[Part]) -> str:
    """The code of a layer, followed by dots where the repeats have other numbers, or how many layers a part has."""
    first = every[0]
    if first.children:
        return f"{first.layers} layer{'s' * (first.layers > 1)}"
    codes = dict.fromkeys(network.nodes[part.first].layer.code for part in every)
    return next(iter(codes)) + " …" * (len(codes) > 1)
