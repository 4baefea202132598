"""Small images and what lies over them, drawn: pixels enlarged as squares, maps in colours, boxes."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from torch import Tensor

UNKNOWN = "\N{WHITE SQUARE}"
"""For a letter that the font does not have, and for bytes of a file's name that are no text."""
TRUE, FOUND = "#ffffff", "#00e5ff"
FOR_AND_AGAINST = "RdBu_r"
"""Red speaks for the class, blue against it, white for nothing."""


def show_image(axes: Axes, image: Tensor, grey: bool = False) -> None:
    """uint8, channels x height x width. `grey` takes the colours out, so that a map's colours stand out over it."""
    pixels = image.permute(1, 2, 0).cpu().numpy()
    if grey or pixels.shape[2] == 1:
        axes.imshow(pixels.mean(2), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    else:
        axes.imshow(pixels, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])


def show_map(axes: Axes, heat: Tensor, scale: Normalize) -> Any:
    """A map of the image's size over it, half transparent; what `colorbar` wants."""
    return axes.imshow(heat.cpu().numpy(), cmap=FOR_AND_AGAINST, norm=scale, alpha=0.6, interpolation="nearest")


def scale_of(*maps: Tensor) -> Normalize:
    """One scale for maps that are compared, as far below 0 as above it."""
    most = max(float(heat.abs().max()) for heat in maps) or 1.0
    return Normalize(-most, most)


def show_box(axes: Axes, box: Tensor, colour: str) -> None:
    """Left, top, right, bottom, the end not included; pixel number n is drawn from n - 1/2 to n + 1/2."""
    left, top, right, bottom = (float(side) for side in box)
    if right <= left:
        return
    for width, edge in ((3.2, "black"), (1.6, colour)):  # a dark edge, so that it is seen on everything
        corner = left - 0.5, top - 0.5
        axes.add_patch(Rectangle(corner, right - left, bottom - top, fill=False, edgecolor=edge, linewidth=width))


def rows_and_columns(count: int, columns: int) -> tuple[int, int]:
    columns = min(count, columns)
    return int(np.ceil(count / columns)), columns


def save(figure: Figure, path: Path, ending: str = ".png", quality: int = 90) -> None:
    """Write a figure as PNG, or as JPEG where the ending is one of its; raises OSError.

    Names of files and classes stand in it as they are: `$x$` is no formula.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        text.set_text(drawable(text.get_text()))
    if ending == ".png":
        figure.savefig(path, format="png", metadata={"Software": None})
    else:
        figure.savefig(path, format="jpeg", pil_kwargs={"quality": quality, "optimize": True})


def drawable(text: str) -> str:
    """The text with a square for each letter that cannot be drawn."""
    return "".join(letter if letter == "\n" or ord(letter) in _letters() else UNKNOWN for letter in text)


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())
