"""A photograph beside itself under the map of each class, with one scale for all of them."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image
from torch import Tensor

from netdsl.seeing.looker import CAM, upsampled

SIDE = 640
"""Pixels of the longer side of a photograph in the picture, at most."""
COLUMNS = 4
HEIGHT, NARROW, WIDE = 2.7, 1.8, 6.0  # inches of a photograph: its height, least and most width
HEAT, BOTH = "inferno", "RdBu_r"
LIGHT = 0.55  # how much of a map lies over the photograph


@dataclass(frozen=True, slots=True)
class Drawn:
    """A photograph with its maps (classes x height x width), each with a title.

    window: left, top, right, bottom of what the maps are of, in pixels of the photograph
    """

    name: str
    photograph: Image.Image
    window: tuple[float, float, float, float]
    titles: list[str]
    maps: Tensor


def save_cam(drawn: Drawn, method: str, signed: bool, path: Path, ending: str) -> None:
    """Write the picture, `.png` or `.jpg`; raises OSError."""
    panels = 1 + len(drawn.titles)
    columns = min(panels, COLUMNS)
    rows = ceil(panels / columns)
    wide, high = drawn.photograph.size
    width = min(WIDE, max(NARROW, HEIGHT * wide / high))
    size = columns * width + 1, rows * (min(HEIGHT, WIDE * high / wide) + 0.7)
    figure = Figure(figsize=size, dpi=100, layout=ConstrainedLayoutEngine(h_pad=0.08))
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for each in axes:
        each.axis("off")
    scale = _scale(drawn.maps, signed)
    small = drawn.photograph.copy()
    small.thumbnail((SIDE, SIDE))
    _show(axes[0], small, drawn, drawn.name if len(drawn.name) < 30 else f"{drawn.name[:28]}…")
    shown: Any = None
    for each, title, heat in zip(axes[1:], drawn.titles, drawn.maps, strict=False):
        _show(each, small.convert("L").convert("RGB"), drawn, title)  # grey, so that all colours are the map's
        shown = _lay_over(each, heat, drawn, scale, signed)
    unit = "evidence, in the logit's unit" if method == CAM else f"{method}, relative"
    figure.colorbar(shown, ax=axes, shrink=0.8, aspect=25, pad=0.01, label=unit)
    form: Any = {"format": "png", "metadata": {"Software": None}}
    if ending != ".png":
        form = {"format": "jpg", "pil_kwargs": {"quality": 90}}
    figure.savefig(path, **form)


def _show(axes: Axes, small: Image.Image, drawn: Drawn, title: str) -> None:
    width, height = drawn.photograph.size
    fine = "nearest" if max(width, height) < 100 else "antialiased"  # few pixels are seen as squares
    axes.imshow(small, extent=(0, width, height, 0), interpolation=fine)
    axes.set_title(title, fontsize=9, parse_math=False)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)


def _lay_over(axes: Axes, heat: Tensor, drawn: Drawn, scale: Normalize, signed: bool) -> Any:
    left, top, right, bottom = drawn.window
    factor = SIDE / max(drawn.photograph.size)
    pixels = (max(1, round((bottom - top) * factor)), max(1, round((right - left) * factor)))
    large = upsampled(heat[None, None], pixels)[0, 0].numpy()
    colours = BOTH if signed else HEAT
    return axes.imshow(large, extent=(left, right, bottom, top), cmap=colours, norm=scale, alpha=LIGHT)


def _scale(maps: Tensor, signed: bool) -> Normalize:
    """From 0 up; with `signed` as far to both sides of 0."""
    most = float(maps.abs().max() if signed else maps.max())
    most = most if most > 0 else 1.0
    return TwoSlopeNorm(0, -most, most) if signed else Normalize(0, most)
