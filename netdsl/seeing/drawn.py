"""Small images and what lies over them, drawn: pixels enlarged as squares, maps in colours, boxes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from torch import Tensor

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
