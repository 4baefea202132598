"""A picture of which classes a net takes for which."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from netdsl.tasks.evaluation.score import Answers

NUMBERS = 25
"""So many classes at most have their numbers written into the squares."""
RIGHT, MISTAKES = "#e4ecf2", "YlOrBr"  # a pale diagonal, so that the colours are left for the mistakes


def save_confusion(answers: Answers, title: str, path: Path) -> None:
    """Write the picture as PNG: a row a true class, a column an answer; raises OSError."""
    classes = len(answers.classes)
    inches = max(4.5, 0.45 * classes + 2) if classes <= NUMBERS else max(9.0, 0.13 * classes + 2)
    figure = Figure(figsize=(inches + 0.8, inches), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, fontsize=10)
    mistakes = [[0 if r == c else n for c, n in enumerate(row)] for r, row in enumerate(answers.confusion)]
    most = max(1, max(map(max, mistakes)))
    scale = PowerNorm(0.5, 0, most)  # so that one frequent mistake does not make all the others pale
    image = axes.imshow(np.ma.masked_equal(mistakes, 0), cmap=MISTAKES, norm=scale, interpolation="nearest")
    for number in range(classes):
        axes.fill_between([number - 0.5, number + 0.5], number - 0.5, number + 0.5, color=RIGHT, linewidth=0)
    _name(axes, [found.name for found in answers.classes])
    if classes <= NUMBERS:
        _write(axes, answers, most)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, label="images, diagonal left out")
    bar.locator = MaxNLocator(integer=True)
    bar.update_ticks()
    figure.savefig(path, format="png", metadata={"Software": None})


def _name(axes: Axes, names: list[str]) -> None:
    size = 9 if len(names) <= NUMBERS else max(3, min(7, 700 / len(names)))
    places = range(len(names))
    axes.set_xticks(places, names, rotation=90 if max(map(len, names)) > 2 else 0, fontsize=size)
    axes.set_yticks(places, names, fontsize=size)
    axes.tick_params(length=2)
    axes.set_xlabel("the net's answer")
    axes.set_ylabel("class")


def _write(axes: Axes, answers: Answers, most: int) -> None:
    for row, counts in enumerate(answers.confusion):
        for column, count in enumerate(counts):
            if count:
                dark = row != column and count > 0.4 * most
                colour = "white" if dark else "black"
                axes.text(column, row, f"{count}", ha="center", va="center", fontsize=7, color=colour)
