"""Paints the scenes of the `shapes` data, many pictures at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netdsl.data.forms import FORMS
from netdsl.data.scenes import PIECES, SIZE, Floats, Scenes
from netdsl.data.store import Bytes

COVERED = 0.3  # share of a pixel from which it belongs to the object


def draw(made: Scenes, rng: np.random.Generator | None) -> tuple[Bytes, NDArray[np.int64]]:
    """Pictures of scenes that share one form, n x 3 x 32 x 32, and their boxes; without a generator, without noise."""
    row, column = np.mgrid[:SIZE, :SIZE].astype(np.float32) + np.float32(0.5)
    x, y = column[None], row[None]
    slope = made.slope[:, :, None, None]
    light = slope[:, 0] * (x - SIZE / 2) + slope[:, 1] * (y - SIZE / 2)
    picture = made.background[:, :, None, None] + light[:, None]
    for piece in range(PIECES[1]):
        cover = _line(x, y, made.piece_ends[:, piece], made.piece_radius[:, piece])
        cover *= (piece < made.piece_count)[:, None, None]
        _paint(picture, cover, made.piece_colour[:, piece])
    cover = _object(x, y, made)
    _paint(picture, cover, made.colour)
    if rng is not None:
        picture += rng.standard_normal(picture.shape, np.float32) * made.noise[:, None, None, None]
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8), boxes(cover >= COVERED)


def boxes(covered: Any) -> NDArray[np.int64]:
    """Left, top, right, bottom of the covered pixels, n x 4; right and bottom are not included."""
    columns, rows = covered.any(axis=1), covered.any(axis=2)
    width, height = columns.shape[1], rows.shape[1]
    return np.stack(
        [columns.argmax(1), rows.argmax(1), width - columns[:, ::-1].argmax(1), height - rows[:, ::-1].argmax(1)],
        axis=1,
    )


def _object(x: Floats, y: Floats, made: Scenes) -> Floats:
    """How much of each pixel the form covers, n x 32 x 32."""
    form = list(FORMS.values())[made.form[0]] if len(made) else FORMS["disk"]
    scale, centre = made.scale[:, None, None], made.centre[:, :, None, None]
    cos, sin = np.cos(made.turn)[:, None, None], np.sin(made.turn)[:, None, None]
    right, up = (x - centre[:, 0]) / scale, (centre[:, 1] - y) / scale
    distance = form(right * cos + up * sin, up * cos - right * sin)
    cover: Floats = np.clip(np.float32(0.5) - distance * scale, 0, 1)
    return cover


def _line(x: Floats, y: Floats, ends: Floats, radius: Floats) -> Floats:
    start, along = ends[:, 0, :, None, None], (ends[:, 1] - ends[:, 0])[:, :, None, None]
    to_x, to_y = x - start[:, 0], y - start[:, 1]
    length = np.maximum(along[:, 0] ** 2 + along[:, 1] ** 2, np.float32(1e-6))
    share = np.clip((to_x * along[:, 0] + to_y * along[:, 1]) / length, 0, 1)
    distance = np.hypot(to_x - share * along[:, 0], to_y - share * along[:, 1])
    cover: Floats = np.clip(np.float32(0.5) + radius[:, None, None] - distance, 0, 1)
    return cover


def _paint(picture: Floats, cover: Floats, colour: Floats) -> None:
    picture += cover[:, None] * (colour[:, :, None, None] - picture)
