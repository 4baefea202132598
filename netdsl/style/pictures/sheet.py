"""Contact sheets: pictures in rows, each with its caption."""

from collections.abc import Sequence
from math import ceil

from PIL import Image, ImageDraw, ImageFont

EDGE = 8
LETTERS = 15


def sheet(pictures: Sequence[Image.Image], captions: Sequence[str], columns: int) -> Image.Image:
    """Pictures in rows of so many, each with its caption below, on white; the cells are as large as the largest.

    A caption that is wider than the pictures is broken at its commas; cells are as wide as the parts need.
    """
    font = ImageFont.load_default(LETTERS)
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    broken = [[text] if font.getlength(text) <= width else text.split(", ") for text in captions]
    width = max(width, *(ceil(font.getlength(line)) for lines in broken for line in lines))
    rows = -(-len(pictures) // columns)
    across, down = width + EDGE, height + EDGE + LETTERS + LETTERS * max(map(len, broken))
    made = Image.new("RGB", (columns * across + EDGE, rows * down + EDGE), "white")
    draw = ImageDraw.Draw(made)
    for number, (picture, lines) in enumerate(zip(pictures, broken, strict=True)):
        left, top = EDGE + number % columns * across, EDGE + number // columns * down
        made.paste(picture, (left + (width - picture.width) // 2, top))
        for line, text in enumerate(lines, 1):
            draw.text((left + width / 2, top + height + line * LETTERS), text, "black", font, "mm")
    return made
