"""Text in pictures."""

import warnings

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from netdsl.seeing.drawn import UNKNOWN, drawable, save


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo [1] $x$.png", "photo [1] $x$.png"),
        ("Prüfung\n5°", "Prüfung\n5°"),
        ("猫.png", f"{UNKNOWN}.png"),
        ("bad\udcffutf.jpg", f"bad{UNKNOWN}utf.jpg"),
        ("a\tb", f"a{UNKNOWN}b"),
    ],
)
def test_what_cannot_be_drawn_is_a_square(name: str, shown: str) -> None:
    assert drawable(name) == shown


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_a_name_is_no_formula_and_no_trouble(tmp_path, ending) -> None:
    """A lone `$x^$` is no mathematics that could be set; bytes that are no text stand in names on Linux."""
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], label="$y^$")
    axes.legend()
    axes.set_title("$x^$ 猫 \udcff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(figure, tmp_path / f"a{ending}", ending)
    with Image.open(tmp_path / f"a{ending}") as written:
        assert written.format == {".png": "PNG", ".jpg": "JPEG"}[ending]
