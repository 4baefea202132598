"""A picture of losses by learning rate."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LINE, MARK = "#0072b2", "#d55e00"


def save_rates(rates: Sequence[float], losses: Sequence[float], suggestion: float, title: str, path: Path) -> None:
    """Write the picture as PNG, 960 x 540 pixels; raises OSError."""
    figure = Figure(figsize=(8, 4.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(rates, losses, color=LINE)
    axes.axvline(suggestion, color=MARK, linestyle="--")
    axes.annotate(
        f" {suggestion:g}", (suggestion, 1), xycoords=("data", "axes fraction"), va="top", ha="left", color=MARK
    )
    axes.set_xscale("log")
    axes.set_title(title)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("training loss, smoothed")
    axes.grid(alpha=0.3)
    figure.savefig(path, format="png", metadata={"Software": None})
