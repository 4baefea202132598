"""How the pictures of this package are laid out: panels in rows, with a line of text above each.

The functions write to a path whose name says nothing;
`form` is `png` or `jpeg`. All raise OSError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from netdsl.ir.seen import Interval
from netdsl.seeing.drawn import save
from netdsl.seeing.gradients.invariance import Curves

DPI = 120
QUALITY = 75  # of JPEGs
MAP_COLOURS = "viridis"


@dataclass(frozen=True, slots=True)
class Panel:
    """pixels: height x width x 3 bytes, or height x width of numbers from 0 to 1, shown from black to white.

    box: first and last row, first and last column, of what is framed
    """

    pixels: NDArray[np.generic]
    title: str = ""
    box: tuple[Interval, Interval] | None = None


def save_panels(rows: Sequence[Sequence[Panel]], title: str, path: Path, form: str, inches: float = 2.2) -> None:
    """Rows of panels, each `inches` wide and as high as the first row's first panel asks."""
    columns = max(map(len, rows))
    height, width = rows[0][0].pixels.shape[:2]
    tall = inches * min(2.5, max(0.4, height / width)) + 0.45
    figure = Figure(figsize=(max(inches * columns, 3.6), tall * len(rows) + 0.4), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=9)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for row, panels in enumerate(rows):
        for column in range(columns):
            axes[row, column].set_axis_off()
            if column < len(panels):
                panel = panels[column]
                axes[row, column].imshow(panel.pixels, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
                axes[row, column].set_title(panel.title, fontsize=7)
                if panel.box is not None:
                    _frame(axes[row, column], *panel.box)
    save(figure, path, ".png" if form == "png" else ".jpg", QUALITY)


def _frame(axes: Axes, rows: Interval, columns: Interval) -> None:
    """Pixel number n is drawn from n - 1/2 to n + 1/2."""
    corner, size = (columns[0] - 0.5, rows[0] - 0.5), (columns[1] - columns[0] + 1, rows[1] - rows[0] + 1)
    for width, colour in ((3.0, "black"), (1.4, "white")):  # seen on bright and on dark pixels
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=width))


def save_grid(
    grid: NDArray[np.generic], title: str, label: str | None, path: Path, form: str, inches: float = 7
) -> None:
    """One picture of tiles; with a `label` for its numbers a bar of their colours beside it."""
    height, width = grid.shape[:2]
    bar = 0.0 if label is None else 0.9
    figure = Figure(figsize=(inches + bar, inches * height / width + 0.5), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(title, fontsize=9)
    image = axes.imshow(grid, cmap=MAP_COLOURS, interpolation="nearest")
    if label is not None:
        figure.colorbar(image, ax=axes, shrink=0.8, label=label)
    save(figure, path, ".png" if form == "png" else ".jpg", QUALITY)


def save_invariance(
    example: str,
    examples: Sequence[tuple[Sequence[float], Sequence[NDArray[np.uint8]]]],
    images: Sequence[tuple[str, Sequence[Curves]]],
    places: Sequence[str],
    title: str,
    path: Path,
    form: str,
) -> None:
    """A row for each change: examples of the changed first image, a plot for each place, one of the probability.

    All distances have one scale, so that places can be compared.
    Source: the layout of Zeiler & Fergus 2014, arXiv:1311.2901, figure 5
    """
    columns = len(places) + 2
    figure = Figure(figsize=(3 * columns, 8.2), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(3, columns, squeeze=False)
    farthest = max(max(far) for _, found in images for curve in found for far in curve.distances.values())
    for row, change in enumerate(curve.change for curve in images[0][1]):
        axes[row, 0].set_axis_off()
        amounts, pixels = examples[row]
        axes[row, 0].imshow(np.concatenate(pixels, axis=1), interpolation="nearest")
        what = f"{example}\n{change.name} ({change.unit}): {', '.join(f'{a:g}' for a in amounts)}"
        axes[row, 0].set_title(what, fontsize=8, parse_math=False)
        for column, place in enumerate((*places, None), start=1):
            plot = axes[row, column]
            for name, found in images:
                numbers = found[row].probabilities if place is None else found[row].distances[place]
                plot.plot(change.amounts, numbers, label=f" {name}", linewidth=1.2)  # a name in `_` would be hidden
            plot.set_ylim(0, 1.02 if place is None else 1.05 * farthest or 1)
            plot.set_xlabel(f"{change.name} ({change.unit})", fontsize=7)
            plot.set_title(
                "probability of the class" if place is None else f"distance at @{place}, relative", fontsize=8
            )
            plot.tick_params(labelsize=7)
            plot.grid(alpha=0.3)
    figure.legend(*axes[0, -1].get_legend_handles_labels(), fontsize=8, loc="outside lower center", ncols=3)
    save(figure, path, ".png" if form == "png" else ".jpg", QUALITY)
