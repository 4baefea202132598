"""Contact sheets."""

from PIL import Image

from netdsl.style.pictures.sheet import EDGE, sheet


def test_cells_stand_in_rows() -> None:
    pictures = [Image.new("RGB", (60, 40), colour) for colour in ("red", "lime", "blue")]
    made = sheet(pictures, ["a", "b", "c"], 2)
    assert made.width == 2 * 60 + 3 * EDGE
    assert made.getpixel((EDGE, EDGE)) == (255, 0, 0)
    assert made.getpixel((EDGE + 60 + EDGE, EDGE)) == (0, 255, 0)
    assert made.getpixel((EDGE, made.height // 2 + EDGE)) == (0, 0, 255)
    assert made.getpixel((made.width - 1, made.height - 1)) == (255, 255, 255)


def test_captions_that_are_wider_than_pictures_stand_apart() -> None:
    """No letter of one cell lies in another, and a column of white parts them."""
    pictures = [Image.new("RGB", (40, 30), "red")] * 2
    made = sheet(pictures, ["style weight 100, tv weight 0.5"] * 2, 2)
    wide = sheet(pictures, ["style weight 100"] * 2, 2)
    assert made.width == wide.width > 2 * 40 + 3 * EDGE and made.height > wide.height
    dark = [x for x in range(made.width) if min(made.getpixel((x, y))[1] for y in range(EDGE + 30, made.height)) < 99]
    middle = [x for x in dark if abs(x - made.width / 2) < EDGE // 2]
    assert dark and not middle and min(dark) >= EDGE and max(dark) < made.width - EDGE
