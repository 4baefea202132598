"""Contact sheets."""

from PIL import Image

from netdsl.style.settings import Settings
from netdsl.style.sheet import EDGE, sheet, variations


def test_the_last_setting_runs_first() -> None:
    found = list(variations(Settings(), [("style_weight", (1.0, 10.0)), ("style_size", (100, 200, 300))]))
    assert [(each.style_weight, each.style_size) for each, _ in found] == [
        *((1.0, size) for size in (100, 200, 300)),
        *((10.0, size) for size in (100, 200, 300)),
    ]
    assert found[1][1] == "style weight 1.0, style size 200"


def test_cells_stand_in_rows() -> None:
    pictures = [Image.new("RGB", (60, 40), colour) for colour in ("red", "lime", "blue")]
    made = sheet(pictures, ["a", "b", "c"], 2)
    assert made.width == 2 * 60 + 3 * EDGE
    assert made.getpixel((EDGE, EDGE)) == (255, 0, 0)
    assert made.getpixel((EDGE + 60 + EDGE, EDGE)) == (0, 255, 0)
    assert made.getpixel((EDGE, made.height // 2 + EDGE)) == (0, 0, 255)
    assert made.getpixel((made.width - 1, made.height - 1)) == (255, 255, 255)
