"""Contact sheets: pictures in rows, each with its caption."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

EDGE = 8
LETTERS = 15


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
