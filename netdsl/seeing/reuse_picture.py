"""The heat map of which earlier layers each layer of a dense block uses."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from netdsl.seeing.reuse import Block, Reuse

COLOURS, UNSEEN = "viridis", "#eeeeee"
ACROSS = 3
"""Blocks beside each other."""
CELL, LEAST, MOST = 0.24, 3.0, 7.0  # inches
NAMED = 40
"""So many rows or columns at most have all their names written."""


def save_reuse(found: Reuse, path: Path) -> None:
    """Write the picture as PNG: a panel a block, sources down and layers across; raises OSError."""
    across = min(ACROSS, len(found.blocks))
    rows = ceil(len(found.blocks) / across)
    side = min(MOST, max(LEAST, CELL * max(max(len(b.sources), len(b.layers)) for b in found.blocks)))
    layout = ConstrainedLayoutEngine(h_pad=0.1)  # inches around each panel, the title and the labels
    figure = Figure(figsize=(across * (side + 1.1) + 0.8, rows * (side + 1.4) + 0.4), dpi=110, layout=layout)
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, across, squeeze=False).flatten()
    for axes, block in zip(panels, found.blocks, strict=False):
        drawn = _draw(axes, block)
    for axes in panels[len(found.blocks) :]:
        axes.set_axis_off()
    bar = figure.colorbar(drawn, ax=list(panels), shrink=0.7)
    bar.set_label("mean squared weight, column's largest = 1", fontsize=8)
    figure.suptitle(f"{found.net}: what each layer takes from the layers before it")
    figure.savefig(path, format="png", metadata={"Software": None})


def _draw(axes: Axes, block: Block):  # type: ignore[no-untyped-def]
    values = np.array([[np.nan if v is None else v for v in row] for row in block.scaled()])
    axes.set_facecolor(UNSEEN)
    drawn = axes.imshow(np.ma.masked_invalid(values), cmap=COLOURS, vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(block.name, fontsize=10)
    axes.set_xlabel("layer")
    axes.set_ylabel("takes maps of")
    for axis, names in ((axes.xaxis, short(block.layers, block.name)), (axes.yaxis, short(block.sources, block.name))):
        step = ceil(len(names) / NAMED)
        axis.set_ticks(range(0, len(names), step), names[::step])
    axes.tick_params(axis="x", rotation=90)
    axes.tick_params(labelsize=7, length=2)
    return drawn


def short(names: Sequence[str], block: str) -> list[str]:
    """Names without the block's own, and without the layer's where a part of the block has only one of these."""
    inside = [name.removeprefix(f"{block}.") for name in names]
    cut = [name.rpartition(".")[0] or name for name in inside]
    return [short if cut.count(short) == 1 else name for short, name in zip(cut, inside, strict=True)]
