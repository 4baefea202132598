"""Pictures of runs, epoch by epoch: loss and error (where there is one) of both splits, and the learning rate."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from netdsl.atomic import written_beside
from netdsl.tasks.runs.metrics import Epoch

TRAIN, TEST, VALID, RATE = "#4477aa", "#cc3311", "#aa3377", "#228833"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999933")
"""Of several runs: Okabe and Ito's, which all eyes tell apart, without their yellow, which is faint on white."""
DASHES: Mapping[str, Any] = {"train": (0, (4, 2)), "test": "solid", "valid": (0, (1, 1))}
MARKED = 40
"""A curve of so many epochs at most has a mark at each."""


def save_curves(epochs: Sequence[Epoch], title: str, path: Path) -> None:
    """One run's picture as PNG, 1350 x 480 pixels; raises OSError."""
    figure = Figure(figsize=(11.25, 4), dpi=120, layout="constrained")
    figure.suptitle(title)
    last = epochs[-1]
    classes = last.test_error is not None
    *panels, rate = figure.subplots(1, 2 + classes, width_ratios=(*(2,) * (1 + classes), 1.2))
    colours = {"train": TRAIN, "test": TEST, "valid": VALID}
    for axes, what in zip(panels, ("loss", "error"), strict=False):
        for split, colour in colours.items():
            _plot(axes, epochs, split, what, colour)
        _finish(axes, what, [epochs])
        axes.legend(frameon=False)
    _plot_rate(rate, epochs, RATE)
    _finish_rate(rate)
    place = {"textcoords": "offset points", "ha": "right", "va": "bottom", "color": TEST}
    value = last.test_loss if last.test_error is None else last.test_error
    panels[-1].annotate(_last(last), (last.epoch, value), (4, 5), **place)
    _save(figure, path)


def save_comparison(runs: Mapping[str, Sequence[Epoch]], path: Path) -> None:
    """Several runs in one picture, 1440 pixels wide; the names stand below the lines. Raises OSError."""
    height = 5.0 + 0.22 * len(runs)
    figure = Figure(figsize=(12, height), dpi=120, layout="constrained")
    error, loss, rate = figure.subplots(1, 3, width_ratios=(2, 2, 1.2))
    handles = []
    for number, (name, epochs) in enumerate(runs.items()):
        colour = COLOURS[number % len(COLOURS)]
        width = 1.4 if number < len(COLOURS) else 2.6  # a second round of colours is thicker
        for axes, what in ((error, "error"), (loss, "loss")):
            _plot(axes, epochs, "train", what, colour, width)
            _plot(axes, epochs, "test", what, colour, width)
        _plot_rate(rate, epochs, colour, width)
        label = f"{name}   {_last(epochs[-1])} after {epochs[-1].epoch}"
        handles.append(Line2D([], [], color=colour, linewidth=width, label=label))
    for axes, what in ((error, "error"), (loss, "loss")):
        _finish(axes, what, list(runs.values()))
    _finish_rate(rate)
    splits = [Line2D([], [], color="#555555", linestyle=DASHES[split], label=split) for split in ("train", "test")]
    figure.legend(handles=splits, loc="outside upper right", ncols=2, frameon=False)
    figure.legend(handles=handles, loc="outside lower left", ncols=1 if len(runs) < 7 else 2, frameon=False)
    _save(figure, path)


def _last(epoch: Epoch) -> str:
    """Its error on the test images, or the loss where there are no errors."""
    return f"{epoch.test_loss:.3g}" if epoch.test_error is None else f"{epoch.test_error:.2%}"


def _plot(axes: Axes, epochs: Sequence[Epoch], split: str, what: str, colour: str, width: float = 1.5) -> None:
    points = [(e.epoch, value) for e in epochs if (value := getattr(e, f"{split}_{what}")) is not None]
    if not points:
        return
    style: dict[str, Any] = {"linestyle": DASHES[split], "linewidth": width, "marker": _mark(points), "markersize": 3}
    axes.plot(*zip(*points, strict=True), color=colour, label=split, **style)


def _plot_rate(axes: Axes, epochs: Sequence[Epoch], colour: str, width: float = 1.5) -> None:
    points = [(epoch.epoch, epoch.lr) for epoch in epochs]
    style: dict[str, Any] = {"linewidth": width, "marker": _mark(points), "markersize": 3, "drawstyle": "steps-mid"}
    axes.plot(*zip(*points, strict=True), color=colour, **style)


def _mark(points: Sequence[object]) -> str:
    return "o" if len(points) <= MARKED else ""


def _finish(axes: Axes, what: str, runs: Sequence[Sequence[Epoch]]) -> None:
    names = [f"{split}_{what}" for split in DASHES]
    shown = [value for run in runs for epoch in run for name in names if (value := getattr(epoch, name)) is not None]
    if shown and min(shown) > 0 and max(shown) > 20 * min(shown):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, 1.08 * max(shown, default=1) or 1)  # a flat line must not lie on the frame
    axes.yaxis.set_major_formatter(partial(_number, unit="%" if what == "error" else ""))
    _by_epoch(axes, what)


def _finish_rate(axes: Axes) -> None:
    axes.set_yscale("log")
    _by_epoch(axes, "learning rate", marks=5)


def _by_epoch(axes: Axes, title: str, marks: int = 9) -> None:
    axes.set_title(title)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(marks, integer=True, min_n_ticks=1))
    axes.grid(alpha=0.3)


def _number(value: float, place: int | None, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit else f"{value:.3g}"


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    with written_beside(path) as beside:
        figure.savefig(beside, format="png", metadata={"Software": None})
