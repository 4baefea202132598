"""Paint: brush strokes along a field of directions, thick and streaked, from a picture of flat colours."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Array = NDArray[np.float64]
Field = Callable[[Array, Array], tuple[Array, Array]]
"""Directions (x and y of unit vectors) at places x and y, in pixels."""

BRISTLES = 5
STEPS = 7
FINER = 2
"""Strokes are drawn at so many times the size and reduced, which smooths their edges."""


def brushed(
    ground: Image.Image,
    directions: Field,
    seed: int,
    widths: tuple[float, ...] = (16, 9, 5),
    length: float = 5.0,
    light: float = 26.0,
    hue: float = 12.0,
) -> Image.Image:
    """`ground` painted over with strokes, layer by layer from the widest brush (pixels) to the finest.

    length: of a stroke, in widths; light and hue: how much strokes differ from the ground in brightness and in colour,
    standard deviations of 0 to 255. A stroke is a few bristles side by side with a light of their own, and takes the
    ground's colour where it begins, which makes the edges of things broken as paint's are.
    """
    rng = np.random.default_rng(seed)
    pixels = np.asarray(ground.convert("RGB"), np.float64)
    height, width = pixels.shape[:2]
    canvas = ground.convert("RGB").resize((width * FINER, height * FINER), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(canvas)
    for brush in widths:
        count = int(2.2 * width * height / (brush * brush * length * 0.5))
        x, y = rng.uniform(-brush, width + brush, count), rng.uniform(-brush, height + brush, count)
        columns, rows = x.clip(0, width - 1).astype(int), y.clip(0, height - 1).astype(int)
        colours = pixels[rows, columns] + rng.normal(0, light, (count, 1)) + rng.normal(0, hue, (count, 3))
        paths = _paths(x, y, directions, brush * length / STEPS)
        _draw(draw, paths, colours, brush, rng)
    return canvas.resize((width, height), Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(1.2, 60, 2))


def _paths(x: Array, y: Array, directions: Field, step: float) -> Array:
    """Strokes x places x 2: each follows the field from where it begins."""
    places = [np.stack([x, y], 1)]
    for _ in range(STEPS):
        dx, dy = directions(places[-1][:, 0], places[-1][:, 1])
        places.append(places[-1] + step * np.stack([dx, dy], 1))
    return np.stack(places, 1)


def _draw(draw: ImageDraw.ImageDraw, paths: Array, colours: Array, brush: float, rng: np.random.Generator) -> None:
    along = np.gradient(paths, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    across /= np.linalg.norm(across, axis=-1, keepdims=True) + 1e-9
    taper = np.sin(np.linspace(0.25, np.pi - 0.25, STEPS + 1))[None, :, None] ** 0.5
    offsets = (np.arange(BRISTLES) - (BRISTLES - 1) / 2) * brush / BRISTLES
    relief = np.linspace(22, -22, BRISTLES)  # light falls on one edge of the paint
    shades = rng.normal(0, 12, (len(paths), BRISTLES)) + relief
    thick = max(1, round(1.35 * FINER * brush / BRISTLES))
    bristles = [(FINER * (paths + offset * taper * across)).reshape(len(paths), -1) for offset in offsets]
    for stroke in range(len(paths)):
        for bristle in range(BRISTLES):
            colour = (colours[stroke] + shades[stroke, bristle]).clip(0, 255).astype(int)
            draw.line(bristles[bristle][stroke].tolist(), fill=tuple(colour.tolist()), width=thick, joint="curve")
