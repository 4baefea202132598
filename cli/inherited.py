"""The weights that a training begins with, as a table: what was taken from where, what is new, what was left over."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from . import output

if TYPE_CHECKING:
    from netdsl.tasks.setup.inherit import Inherited

MOST_TOGETHER = 6  # rows of one kind that follow each other, before those in the middle are left out
MOST_NAMES = 6  # layers that were left over, by name

Row = tuple[str, str, str, str]


def show_inherited(inherited: "Inherited") -> None:
    """On stderr, as all that is said of a run under way."""
    taken = inherited.taken
    head = f"weights from {inherited.path}: {len(taken.layers)} of {len(inherited.shapes)} layers taken, {taken.how}"
    output.err.print(head, style="dim", markup=False, highlight=False, soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in ("layer", "shape", "from"):
        table.add_column(name, no_wrap=True)
    for row in _folded(inherited):
        table.add_row(*row)
    output.err.print(table, markup=False)
    if taken.left_over:
        more = f" and {len(taken.left_over) - MOST_NAMES} more" if len(taken.left_over) > MOST_NAMES else ""
        names = ", ".join(taken.left_over[:MOST_NAMES])
        output.err.print(f"left over: {names}{more}", style="dim", markup=False, highlight=False, soft_wrap=True)


def _folded(inherited: "Inherited") -> Iterator[tuple[str, str, str]]:
    for kind, group in groupby(_rows(inherited), key=lambda row: row[3]):
        rows = [row[:3] for row in group]
        if len(rows) <= MOST_TOGETHER:
            yield from rows
        else:
            yield rows[0]
            yield f"... {len(rows) - 2} more", "", "new" if kind == "new" else "taken"
            yield rows[-1]


def _rows(inherited: "Inherited") -> Iterator[Row]:
    for layer, shape in inherited.shapes.items():
        source = inherited.taken.layers.get(layer)
        kind = "new" if source is None else "same" if source == layer else "other"
        yield layer, shape, "new" if source is None else source, kind
