"""The picture of a transfer experiment, as figure 2 of Yosinski et al. 2014, arXiv:1411.1792."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from netdsl.tasks.experiments.treatments import BASE_B, TransferRow

STYLES: dict[str, dict[str, Any]] = {
    "BnB": {"color": "#1f3f8f", "marker": "o", "label": "BnB: selffer, frozen"},
    "BnB+": {"color": "#7fa7e0", "marker": "o", "label": "BnB+: selffer, fine-tuned"},
    "AnB": {"color": "#a01010", "marker": "D", "label": "AnB: transfer, frozen"},
    "AnB+": {"color": "#f08080", "marker": "D", "label": "AnB+: transfer, fine-tuned"},
}


def save_transfer(rows: Sequence[TransferRow], places: Sequence[str], title: str, path: Path) -> None:
    """Accuracy on B's test images over the place up to which weights were taken, as PNG. Raises OSError."""
    figure = Figure(figsize=(max(6.5, 3.5 + 1.1 * len(places)), 4.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    base = next((100 * (1 - row.error) for row in rows if row.treatment == BASE_B), None)
    for treatment, style in STYLES.items():
        found = {row.at: 100 * (1 - row.error) for row in rows if row.treatment == treatment}
        points = [(number, found[place]) for number, place in enumerate(places, 1) if place in found]
        if points:
            line = [(0, base), *points] if base is not None else points
            axes.plot(*zip(*line, strict=True), color=style["color"], linewidth=1.2, zorder=2)
            axes.plot(*zip(*points, strict=True), linestyle="", markersize=7, zorder=3, **style)
    if base is not None:
        axes.axhline(base, color="#999999", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        axes.plot(
            [0], [base], "o", markerfacecolor="white", markeredgecolor="black", markersize=8, label="baseB", zorder=4
        )
    axes.set_xticks(range(len(places) + 1), ["base", *places])
    axes.set_xlabel("weights taken up to")
    axes.set_ylabel("test accuracy on B, %")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, format="png", metadata={"Software": None})
