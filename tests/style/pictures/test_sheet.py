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
