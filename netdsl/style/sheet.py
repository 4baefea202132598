"""Contact sheets: one picture for each value of a setting, or of two, as the thesis's figures 5.7 and 5.8."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from PIL import Image, ImageDraw, ImageFont

from netdsl.style.settings import Settings

SWEPT: Mapping[str, Callable[[str], object]] = {
    "style_weight": float,
    "content_weight": float,
    "tv_weight": float,
    "style_size": int,
    "steps": int,
    "size": int,
    "seed": int,
    "init": str,
    "optimizer": str,
}
"""What a sheet can go over, and how its values are read."""
EDGE = 8
LETTERS = 15

Axis = tuple[str, tuple[object, ...]]
"""A setting's name and its values."""


def variations(settings: Settings, axes: Sequence[Axis]) -> Iterator[tuple[Settings, str]]:
    """The settings of each picture with what is written under it: the last axis runs first."""
    for values in product(*(values for _, values in axes)):
        chosen = dict(zip((name for name, _ in axes), values, strict=True))
        caption = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in chosen.items())
        yield replace(settings, **chosen), caption  # type: ignore[arg-type]


def sheet(pictures: Sequence[Image.Image], captions: Sequence[str], columns: int) -> Image.Image:
    """Pictures in rows of so many, each with its caption below, on white; the cells are as large as the largest."""
    font = ImageFont.load_default(LETTERS)
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    rows = -(-len(pictures) // columns)
    across, down = width + EDGE, height + EDGE + 2 * LETTERS
    made = Image.new("RGB", (columns * across + EDGE, rows * down + EDGE), "white")
    draw = ImageDraw.Draw(made)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left, top = EDGE + number % columns * across, EDGE + number // columns * down
        made.paste(picture, (left + (width - picture.width) // 2, top))
        draw.text((left + width / 2, top + height + LETTERS), caption, "black", font, "mm")
    return made
