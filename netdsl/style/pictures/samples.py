"""The package's own pictures, painted by its own code and owed to nobody: styles, and a scene to paint."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from netdsl.style.pictures.strokes import Array, Field, brushed

SIZE = (512, 400)
"""Width and height of the styles."""
SCENE = (512, 384)
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sample:
    about: str
    paint: Callable[[], Image.Image]


def starry() -> Image.Image:
    """A night of swirls and stars over dark hills."""
    width, height = SIZE
    swirls = [(0.42, 0.42, 95.0, 1.0), (0.62, 0.52, 60.0, -1.0), (0.15, 0.20, 60.0, -1.0), (0.85, 0.24, 70.0, 1.0)]
    stars = [(0.08, 0.14, 15), (0.25, 0.09, 11), (0.36, 0.20, 9), (0.53, 0.10, 13), (0.70, 0.15, 10), (0.19, 0.42, 14)]
    stars += [(0.06, 0.52, 10), (0.80, 0.52, 12), (0.90, 0.17, 26)]
    x, y = _grid(width, height)
    ring = np.sin(_distance(x, y, swirls, width, height) / 6.5)
    sky = _ramp([(14, 24, 74), (32, 66, 140), (88, 136, 190), (170, 196, 200)], 0.42 + 0.28 * ring - 0.25 * y / height)
    band = np.exp(-(((y - height * (0.55 + 0.06 * np.sin(x / 60))) / 22) ** 2))
    sky = _mixed(sky, (206, 212, 190), 0.75 * band * (0.6 + 0.4 * np.sin(x / 17 + y / 9)))
    for left, top, radius in stars:
        far = np.hypot(x - left * width, y - top * height)
        halo = np.exp(-((far / (radius * 2.1)) ** 2)) * (0.68 + 0.32 * np.cos(far / radius * 4.2))
        sky = _mixed(sky, (236, 206, 86), halo)
        sky = _mixed(sky, (255, 244, 186), np.exp(-((far / (radius * 0.75)) ** 2)))
    hills = height * (0.74 + 0.05 * np.sin(x / 70) + 0.03 * np.sin(x / 23 + 2))
    ground = _ramp([(18, 34, 62), (34, 62, 92), (52, 84, 74), (92, 110, 70)], (y - hills) / (0.3 * height))
    sky = np.where((y > hills)[..., None], _mixed(ground, (8, 14, 34), 0.55 * (np.sin(x / 11 + y / 7) > 0.6)), sky)
    picture = _picture(sky)
    _cypress(ImageDraw.Draw(picture), width * 0.13, height * 1.0, height * 0.68)
    centres = [*swirls, *((left, top, radius * 2.6, 1.0) for left, top, radius in stars)]
    return brushed(picture, partial(_swirling, centres=centres, size=SIZE), seed=1, widths=(11, 7, 4))


def embers() -> Image.Image:
    """A red sky in waves over dark water."""
    width, height = SIZE
    x, y = _grid(width, height)
    wave = y + 16 * np.sin(x / 74) + 9 * np.sin(x / 31 + 1)
    colours: list[Colour] = [(196, 62, 30), (232, 128, 44), (244, 186, 80), (212, 84, 38)]
    sky = _ramp(colours, 0.5 + 0.5 * np.sin(wave / 13))
    water = _ramp([(24, 40, 62), (44, 84, 104), (108, 120, 108), (22, 30, 48)], 0.5 + 0.5 * np.sin(wave / 9 + x / 50))
    return brushed(_picture(np.where((wave > 0.6 * height)[..., None], water, sky)), _waving, seed=2, length=8)


def surf() -> Image.Image:
    """Breaking waves: dark blue, light blue and foam, with flat paper behind."""
    width, height = SIZE
    x, y = _grid(width, height)
    paper = np.broadcast_to(np.array((226, 214, 182), np.float64), (height, width, 3))
    crest = height * (0.45 + 0.22 * np.sin(x / 85 + 0.6) + 0.04 * np.sin(x / 21))
    depth = (y - crest) / (0.5 * height)
    stripes = np.sin((y - 0.7 * crest) / 7 + np.sin(x / 40))
    sea = _ramp([(232, 236, 226), (126, 166, 190), (44, 84, 132), (22, 42, 86)], depth + 0.16 * stripes)
    foam = np.exp(-((depth / 0.10) ** 2)) * (np.sin(x / 5) * np.sin(y / 6) > -0.2)
    sea = _mixed(sea, (246, 244, 232), foam)
    return brushed(_picture(np.where((depth > -0.05)[..., None], sea, paper)), _waving, 3, (9, 5, 3), 6, 8, 4)


def garden() -> Image.Image:
    """Dabs of all colours, as of flowers in light, in no direction."""
    width, height = SIZE
    rng = np.random.default_rng(4)
    palette = np.array(
        [(60, 110, 60), (110, 150, 70), (196, 84, 120), (236, 190, 90), (130, 110, 180), (230, 226, 214)]
    )
    small = palette[rng.choice(6, (height // 14, width // 14), p=[0.32, 0.28, 0.12, 0.1, 0.1, 0.08])].astype(np.uint8)
    return brushed(Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC), _tumbling, 4, (10, 6), 1.6, 20, 16)


STYLES = {
    "starry": Sample("swirls and stars of a night, in thick blue and yellow strokes", starry),
    "embers": Sample("a sky of red and orange waves over dark water", embers),
    "surf": Sample("breaking waves in blue, foam and paper", surf),
    "garden": Sample("dabs of green, rose and gold", garden),
}


def scene() -> Image.Image:
    """What is painted where nobody gives a picture: a lighthouse by the sea, hills, a house, a boat and clouds."""
    width, height = SCENE
    x, y = _grid(width, height)
    rng = np.random.default_rng(7)
    sky = _ramp([(96, 146, 204), (168, 200, 226), (242, 224, 196)], y / (0.6 * height))
    cloud = _noise(rng, width, height, 90) + 0.5 * _noise(rng, width, height, 40) + 0.3 * _noise(rng, width, height, 16)
    sky = _mixed(sky, (250, 248, 244), (2.2 * (cloud - 1.02)).clip(0, 0.9) * (y < 0.5 * height))
    sea = _ramp([(70, 122, 150), (34, 82, 116), (22, 60, 92)], (y - 0.58 * height) / (0.42 * height))
    sea = sea + (14 * np.sin(y * 0.9 + 3 * _noise(rng, width, height, 30)))[..., None]
    far = height * (0.58 - 0.14 * np.exp(-(((x - 400) / 90) ** 2)) - 0.08 * np.exp(-(((x - 290) / 60) ** 2)))
    land = np.where((y > 0.58 * height)[..., None], sea, sky)
    land = np.where(
        ((y > far) & (y < 0.58 * height))[..., None], _ramp([(120, 138, 156), (92, 116, 122)], y / height), land
    )
    near = height * (1.02 - 0.42 * np.exp(-(((x - 60) / 150) ** 2)) + 0.015 * np.sin(x / 9))
    grass = _ramp(
        [(124, 146, 70), (84, 112, 54), (54, 78, 42)], (y - near) / 120 + 0.35 * _noise(rng, width, height, 10)
    )
    picture = _picture(np.where((y > near)[..., None], grass, land)).resize((2 * width, 2 * height))
    draw = ImageDraw.Draw(picture)
    _lighthouse(draw)
    _house(draw)
    _boat(draw)
    return picture.resize(SCENE, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.4))


def _lighthouse(draw: ImageDraw.ImageDraw) -> None:
    """In pixels of the scene at twice its size, as are the house and the boat."""
    draw.polygon([(194, 522), (276, 522), (258, 190), (212, 190)], fill=(236, 232, 224))
    for top, half in ((400, 36), (300, 31)):
        draw.polygon(
            [(235 - half, top + 50), (235 + half, top + 50), (235 + half - 3, top), (235 - half + 3, top)],
            fill=(190, 60, 48),
        )
    draw.polygon([(240, 522), (276, 522), (258, 190), (240, 190)], fill=(206, 198, 190))
    for top, half in ((400, 36), (300, 31)):
        draw.polygon([(240, top + 50), (235 + half, top + 50), (235 + half - 3, top), (240, top)], fill=(150, 44, 38))
    draw.rectangle((204, 178, 266, 192), fill=(60, 60, 66))
    draw.rectangle((218, 142, 252, 178), fill=(250, 226, 140))
    draw.polygon([(210, 142), (260, 142), (235, 108)], fill=(150, 44, 38))


def _house(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((60, 430, 170, 510), fill=(226, 206, 172))
    draw.polygon([(48, 432), (182, 432), (150, 374), (82, 374)], fill=(140, 78, 58))
    for left in (76, 132):
        draw.rectangle((left, 452, left + 24, 480), fill=(70, 84, 104))
    draw.rectangle((106, 462, 126, 510), fill=(96, 62, 46))


def _boat(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon([(640, 590), (800, 590), (772, 628), (664, 628)], fill=(110, 58, 40))
    draw.polygon([(716, 440), (716, 580), (806, 580)], fill=(244, 238, 226))
    draw.polygon([(706, 460), (706, 580), (646, 580)], fill=(224, 172, 92))
    draw.line((711, 430, 711, 592), fill=(70, 46, 36), width=6)


def _cypress(draw: ImageDraw.ImageDraw, x: float, bottom: float, tall: float) -> None:
    for number, half in enumerate((34, 25, 15)):
        top = bottom - tall * (0.72 + 0.14 * number)
        edge = [
            (x + half * np.sin(np.pi * t) * (1 - 0.4 * t) + 5 * np.sin(9 * t), bottom + (top - bottom) * t)
            for t in np.linspace(0, 1, 12)
        ]
        back = [
            (x - half * np.sin(np.pi * t) * (1 - 0.4 * t) + 5 * np.sin(9 * t), bottom + (top - bottom) * t)
            for t in np.linspace(1, 0, 12)
        ]
        draw.polygon(
            [(float(a), float(b)) for a, b in edge + back], fill=((14, 26, 26), (26, 40, 30), (40, 50, 32))[number]
        )


# Fields and colours


def _swirling(
    x: Array, y: Array, centres: list[tuple[float, float, float, float]], size: tuple[int, int]
) -> tuple[Array, Array]:
    """Around the centres near them; elsewhere in long waves."""
    dx, dy = 0.35 * np.ones_like(x), 0.12 * np.cos(x / 42)
    for left, top, radius, turn in centres:
        away, down = x - left * size[0], y - top * size[1]
        far = np.hypot(away, down) + 1e-6
        pull = turn * np.exp(-((far / (1.1 * radius)) ** 2)) * 1.6
        dx, dy = dx - pull * down / far, dy + pull * away / far
    return _unit(dx, dy)


def _waving(x: Array, y: Array) -> tuple[Array, Array]:
    return _unit(np.ones_like(x), 0.5 * np.cos(x / 52 + y / 90) + 0.25 * np.cos(x / 19))


def _tumbling(x: Array, y: Array) -> tuple[Array, Array]:
    angle = 6 * np.sin(x * 1.7 + y * 0.9) + 4 * np.sin(y * 2.3)
    return np.cos(angle), np.sin(angle)


def _unit(dx: Array, dy: Array) -> tuple[Array, Array]:
    long = np.hypot(dx, dy) + 1e-9
    return dx / long, dy / long


def _grid(width: int, height: int) -> tuple[Array, Array]:
    y, x = np.mgrid[:height, :width].astype(np.float64)
    return x, y


def _distance(x: Array, y: Array, centres: list[tuple[float, float, float, float]], width: int, height: int) -> Array:
    """To the nearest centre, wound into a spiral."""
    near = np.full_like(x, np.inf)
    for left, top, _, turn in centres:
        away, down = x - left * width, y - top * height
        near = np.minimum(near, np.hypot(away, down) + 6.5 * turn * np.arctan2(down, away))
    found: Array = near
    return found


def _ramp(colours: list[Colour], place: Array) -> Array:
    """Colours from the first (0) to the last (1), height x width x 3."""
    marks = np.linspace(0, 1, len(colours))
    columns = np.array(colours, np.float64).T
    return np.stack([np.interp(place, marks, column) for column in columns], -1)


def _mixed(colours: Array, other: Colour, share: NDArray[np.floating]) -> Array:
    mixed: Array = colours + share[..., None] * (np.array(other, np.float64) - colours)
    return mixed


def _noise(rng: np.random.Generator, width: int, height: int, grain: int) -> Array:
    """Soft noise from 0 to 1, whose spots are so many pixels wide."""
    small = rng.uniform(0, 255, (height // grain + 2, width // grain + 2)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC), np.float64) / 255


def _picture(colours: Array) -> Image.Image:
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


__all__ = ["STYLES", "Field", "Sample", "scene"]
