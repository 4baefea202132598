"""What is in the pictures of the `shapes` data: drawn at random, described by numbers, not yet painted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdsl.data.forms import FORMS, outline

SIZE = 32  # pixels, height and width of a picture
BOX = (10, 20)  # pixels, the shortest and longest side of an object's box
SLACK = (
    1.4  # pixels by which a box counted in whole pixels may differ from the form's extent: tips cover few of a pixel
)
PIECES = (3, 6)  # distracting pieces in a picture, least and most
DARKEST_OBJECT = 110  # grey levels: backgrounds are below in each channel, objects and pieces are lighter on average
OBJECT_CONTRAST, PIECE_CONTRAST = (
    90,
    60,
)  # grey levels by which they are lighter than the background, mean of the channels

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scenes:
    """What is in each of n pictures. Lengths in pixels from the top left corner, colours from 0 to 255."""

    form: NDArray[np.int64]  # n
    centre: Floats  # n x 2
    scale: Floats  # n, pixels for one unit of the form
    turn: Floats  # n, radians
    colour: Floats  # n x 3
    background: Floats  # n x 3
    slope: Floats  # n x 2, grey levels a pixel
    piece_count: NDArray[np.int64]  # n
    piece_ends: Floats  # n x most x 2 x 2: a piece is a thick line from one end to the other
    piece_radius: Floats  # n x most
    piece_colour: Floats  # n x most x 3
    noise: Floats  # n, standard deviation in grey levels

    def __len__(self) -> int:
        return len(self.form)


def take(made: Scenes, places: NDArray[np.int64]) -> Scenes:
    return Scenes(*(getattr(made, name)[places] for name in Scenes.__slots__))


def scenes(rng: np.random.Generator, count: int) -> Scenes:
    """Draw the contents of `count` pictures; the classes are equally many, up to one."""
    form = rng.permutation(np.arange(count) % len(FORMS))
    turn = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    low, high = _extent(form, turn)
    sides = high - low
    least, most = (BOX[0] + SLACK) / sides.min(1), (BOX[1] - SLACK) / sides.max(1)
    scale = rng.uniform(least, most).astype(np.float32)[:, None]
    corner = rng.uniform(0.5, SIZE - 0.5 - sides * scale)
    centre = (corner - low * scale).astype(np.float32)
    background = rng.uniform(0, DARKEST_OBJECT, (count, 3)).astype(np.float32)
    colour = _lighter(rng, background, OBJECT_CONTRAST)
    ends, radius = _pieces(rng, low * scale + centre, high * scale + centre)
    piece_colour = np.stack([_lighter(rng, background, PIECE_CONTRAST) for _ in range(PIECES[1])], axis=1)
    piece_colour[:, 0] = colour  # so that the object's place cannot be told by its colour either
    return Scenes(
        form=form,
        centre=centre,
        scale=scale[:, 0],
        turn=turn,
        colour=colour,
        background=background,
        slope=rng.uniform(-1.2, 1.2, (count, 2)).astype(np.float32),
        piece_count=rng.integers(PIECES[0], PIECES[1] + 1, count),
        piece_ends=ends,
        piece_radius=radius,
        piece_colour=piece_colour,
        noise=rng.uniform(3, 10, count).astype(np.float32),
    )


def _extent(form: NDArray[np.int64], turn: Floats) -> tuple[Floats, Floats]:
    """The corners of each turned form's box around its origin, n x 2 each, in the form's units."""
    low, high = np.empty((len(form), 2), np.float32), np.empty((len(form), 2), np.float32)
    for number, function in enumerate(FORMS.values()):
        places = np.flatnonzero(form == number)
        x, y = outline(function).T[:, :, None]
        cos, sin = np.cos(turn[places]), np.sin(turn[places])
        for axis, turned in enumerate((x * cos - y * sin, -(x * sin + y * cos))):  # rows of a picture run downward
            low[places, axis], high[places, axis] = turned.min(0), turned.max(0)
    return low, high


def _lighter(rng: np.random.Generator, background: Floats, contrast: float) -> Floats:
    """A random colour that is lighter than the background's by so much (of eight tries, or else the lightest)."""
    tries = rng.uniform(0, 255, (8, *background.shape)).astype(np.float32)
    lighter = (tries - background).mean(-1)
    fits = lighter >= contrast
    choice = np.where(fits.any(0), fits.argmax(0), lighter.argmax(0))
    colour: Floats = np.take_along_axis(tries, choice[None, :, None], 0)[0]
    return colour


def _pieces(rng: np.random.Generator, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Short thick lines and dots whose middles lie outside the object's box and apart from each other."""
    count, tries = len(low), 24
    radius = rng.uniform(0.6, 1.3, (count, PIECES[1])).astype(np.float32)
    middles = np.empty((count, PIECES[1], 2), np.float32)
    far_corner = np.where(low + high > SIZE, 2.5, SIZE - 2.5)
    for piece in range(PIECES[1]):
        spots = rng.uniform(2, SIZE - 2, (tries, count, 2))
        margin = radius[:, piece, None] + 0.5
        inside = ((spots > low - margin) & (spots < high + margin)).all(-1)
        gaps = np.abs(spots[:, :, None] - middles[None, :, :piece]).max(-1)
        fits = ~inside & (gaps > 4).all(-1)
        chosen = np.take_along_axis(spots, fits.argmax(0)[None, :, None], 0)[0]
        middles[:, piece] = np.where(fits.any(0)[:, None], chosen, far_corner)
    angle = rng.uniform(0, np.pi, (count, PIECES[1]))
    half = rng.uniform(0, 3, (count, PIECES[1]))[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    return np.stack([middles - half, middles + half], axis=2).astype(np.float32), radius
