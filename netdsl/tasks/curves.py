"""A picture of a run: loss and error (where there is one) of both splits, and the learning rate, epoch by epoch."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from netdsl.atomic import written_beside
from netdsl.tasks.metrics import Epoch

TRAIN, TEST, RATE = "#4477aa", "#cc3311", "#228833"


def save_curves(epochs: Sequence[Epoch], title: str, path: Path) -> None:
    """Write the picture as PNG, 1350 x 480 pixels; raises OSError."""
    figure = Figure(figsize=(11.25, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    last = epochs[-1]
    classes = last.test_error is not None
    *panels, rate = figure.subplots(1, 2 + classes, width_ratios=(*(2,) * (1 + classes), 1.2))
    for axes, values, unit in zip(panels, ("loss", "error"), ("", "%"), strict=False):
        _draw(axes, epochs, values, [("train", f"train_{values}", TRAIN), ("test", f"test_{values}", TEST)])
        shown = [getattr(epoch, f"{split}_{values}") for epoch in epochs for split in ("train", "test")]
        if min(shown) > 0 and max(shown) > 20 * min(shown):
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(partial(_number, unit=unit))
    _draw(rate, epochs, "learning rate", [("", "lr", RATE)])
    rate.set_yscale("log")
    text, value = (f"{last.test_error:.2%}", last.test_error) if classes else (f"{last.test_loss:.3g}", last.test_loss)
    place = {"textcoords": "offset points", "ha": "right", "va": "bottom", "color": TEST}
    panels[-1].annotate(text, (last.epoch, value), (4, 5), **place)
    with written_beside(path) as beside:
        figure.savefig(beside, format="png", metadata={"Software": None})


def _number(value: float, place: int | None, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit else f"{value:.3g}"


def _draw(axes: Axes, epochs: Sequence[Epoch], what: str, lines: Sequence[tuple[str, str, str]]) -> None:
    numbers = [epoch.epoch for epoch in epochs]
    for label, name, colour in lines:
        values = [getattr(epoch, name) for epoch in epochs]
        style = "default" if label else "steps-mid"
        axes.plot(numbers, values, marker="o", markersize=3, color=colour, label=label or None, drawstyle=style)
    axes.set_title(what)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(alpha=0.3)
    if len(lines) > 1:
        axes.legend(frameon=False)
