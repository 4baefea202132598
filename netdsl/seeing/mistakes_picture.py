"""The picture of mistakes, as Fig. 5.4 of the thesis: the image, both classes' maps over it, the probabilities."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from netdsl.seeing import drawn
from netdsl.seeing.mistakes import Mistake, Mistaken, Seen
from netdsl.tasks.runs.run_folder import whole

PICTURE = "mistakes.png"
"""In the run's folder, where no other place is asked for."""
BARS = 10
"""So many classes at most have a bar: the most probable ones, and the true one."""
TAKEN_FOR, TRUE, OTHER = "#c8452f", "#2f7d4f", "#b8bec6"


def draw(mistaken: Mistaken, picture: Path | None = None) -> Path | None:
    """The picture, as PNG, at `picture` or in the run's folder; None where there is nothing to draw. Errors: NET551"""
    if not mistaken.seen:
        return None
    path = picture or mistaken.run / PICTURE
    kind = "drawn from" if mistaken.drawn else "worst of"
    title = (
        f"{mistaken.net} on {mistaken.data}: {len(mistaken.seen)} {kind} {mistaken.wrong:,} mistakes in "
        f"{mistaken.images:,} images; {mistaken.method} at {mistaken.place}"
    )
    with whole(path) as beside:
        save_mistakes(mistaken.seen, title, beside)
    return path


def save_mistakes(seen: Sequence[Seen], title: str, path: Path) -> None:
    """Two mistakes a row; both maps of a mistake have one scale, in units of the class's score. Raises OSError."""
    rows, columns = drawn.rows_and_columns(len(seen), 2)
    figure = Figure(
        figsize=(7.4 * columns, 1.9 * rows + 0.5), dpi=100, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.05)
    )
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10)
    parts = figure.subfigures(rows, columns, squeeze=False).ravel()
    for part, each in zip(parts, seen, strict=False):
        image, predicted, true, bars = part.subplots(1, 4, width_ratios=(1, 1, 1, 1.3))
        _show(image, each)
        scale = drawn.scale_of(each.predicted, each.true)
        for axes, heat, name, colour in (
            (predicted, each.predicted, each.mistake.predicted, TAKEN_FOR),
            (true, each.true, each.mistake.true, TRUE),
        ):
            drawn.show_image(axes, each.image, grey=True)
            coloured = drawn.show_map(axes, heat, scale)
            axes.set_title(f"{name} {each.mistake.probabilities[name]:.1%}", fontsize=8, color=colour)
        bar = part.colorbar(coloured, ax=[predicted, true], shrink=0.8, pad=0.02)
        bar.ax.tick_params(labelsize=6, length=2)
        _bars(bars, each.mistake)
    figure.savefig(path, format="png", metadata={"Software": None})


def _show(axes: Axes, each: Seen) -> None:
    drawn.show_image(axes, each.image)
    axes.set_title(f"image {each.mistake.number}: {each.mistake.true}", fontsize=8)


def _bars(axes: Axes, mistake: Mistake) -> None:
    names = list(mistake.probabilities)[:BARS]
    if mistake.true not in names:
        names[-1] = mistake.true
    colours = [TAKEN_FOR if n == mistake.predicted else TRUE if n == mistake.true else OTHER for n in names]
    axes.barh(range(len(names)), [100 * mistake.probabilities[name] for name in names], color=colours)
    axes.set_yticks(range(len(names)), names, fontsize=6)
    for label, colour in zip(axes.get_yticklabels(), colours, strict=True):
        label.set_color("black" if colour == OTHER else colour)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.tick_params(axis="x", labelsize=6, length=2)
    axes.tick_params(axis="y", length=0)
    axes.set_title("probability, %", fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
