"""The pictures of a localization: its threshold curve, and some images with true and found boxes."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from netdsl.seeing import drawn
from netdsl.seeing.localization import OVERLAPS
from netdsl.seeing.localize import Found, Localized
from netdsl.tasks.runs.run_folder import whole

COLOURS = ("#7fa7e0", "#1f3f8f", "#a01010")  # of OVERLAPS
COLUMNS = 6
VISIBLE = 0.01
"""Shares of the images that differ by less are one line."""


def draw(localized: Localized, curve: Path | None, sheet: Path | None) -> list[Path]:
    """The threshold curve and the sheet of images, as PNG files. Errors: NET551"""
    result, cutting = localized.result, localized.cutting
    what = f"{localized.net} on {localized.data}, {result.method} at {localized.place}"
    if curve is not None:
        with whole(curve) as beside:
            save_curve(localized, what, beside)
    if sheet is not None:
        with whole(sheet) as beside:
            save_sheet(localized.found, f"{what}, from {cutting.threshold:g} of the {cutting.of} on", beside)
    return [path for path in (curve, sheet) if path is not None]


def save_curve(localized: Localized, title: str, path: Path) -> None:
    """The share of images with a right box over the threshold, as PNG; raises OSError."""
    result, cutting = localized.result, localized.cutting
    figure = Figure(figsize=(6.4, 4.4), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    at = [point.threshold for point in result.curve]
    gaps = [point.box_acc_v2[least] - point.box_acc[least] for point in result.curve for least in point.box_acc]
    pieces_differ = max(map(abs, gaps)) > VISIBLE
    for least, colour in zip(map(str, OVERLAPS), COLOURS, strict=True):
        axes.plot(
            at, [100 * point.box_acc[least] for point in result.curve], color=colour, label=f"IoU {least} or more"
        )
        if pieces_differ:
            of_all = [100 * point.box_acc_v2[least] for point in result.curve]
            axes.plot(at, of_all, color=colour, linewidth=1.2, linestyle=":")
    if pieces_differ:
        axes.plot([], [], color="#777777", linewidth=1.2, linestyle=":", label="best of all pieces")
    axes.axvline(result.threshold, color="#777777", linewidth=0.8, label=f"threshold {result.threshold:g}")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 102)
    axes.set_xlabel(f"threshold, as a share of the map's {cutting.of}")
    axes.set_ylabel("images whose object is found, %")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(path, format="png", metadata={"Software": None})


def save_sheet(found: Sequence[Found], title: str, path: Path) -> None:
    """Images with their maps, the true box in white and the found one in blue, as PNG; raises OSError."""
    rows, columns = drawn.rows_and_columns(len(found), COLUMNS)
    figure = Figure(figsize=(1.7 * columns, 1.95 * rows + 0.4), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=9)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[len(found) :]:
        axes.set_axis_off()
    for axes, each in zip(grid, found, strict=False):
        drawn.show_image(axes, each.image, grey=True)
        drawn.show_map(axes, each.map, drawn.scale_of(each.map))
        drawn.show_box(axes, each.true, drawn.TRUE)
        drawn.show_box(axes, each.box, drawn.FOUND)
        name = each.name if each.answer == each.name else f"{each.name} (taken for {each.answer})"
        axes.set_title(f"{name}\nIoU {each.overlap:.2f}", fontsize=7)
    figure.savefig(path, format="png", metadata={"Software": None})
