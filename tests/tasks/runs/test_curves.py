"""The picture of a run."""

from dataclasses import replace

import pytest
from PIL import Image

from netdsl.tasks.runs.curves import save_comparison, save_curves
from netdsl.tasks.runs.metrics import Epoch


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_picture_for_any_number_of_epochs(tmp_path, count):
    rows = [Epoch(n, 1 / n, 0.5 / n, 1.1 / n, 0.4 / n, 0.1 if n < 20 else 0.01, 3.0) for n in range(1, count + 1)]
    save_curves(rows, "x on y", tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (1350, 480)


def test_errors_of_zero(tmp_path):
    save_curves([Epoch(1, 0.0, 0.0, 0.0, 0.0, 0.1, 1.0)], "x", tmp_path / "curves.png")
    assert (tmp_path / "curves.png").exists()


def test_a_run_without_classes_has_no_errors(tmp_path):
    rows = [Epoch(n, 1 / n, None, 1.1 / n, None, 0.1, 3.0) for n in range(1, 4)]
    save_curves(rows, "x on y", tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (1350, 480)


def test_equal_runs_equal_pictures(tmp_path):
    rows = [Epoch(1, 0.5, 0.2, 0.4, 0.1, 0.1, 1.0)]
    for name in ("a", "b"):
        save_curves(rows, "x", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_several_runs(tmp_path):
    """A run more is a line of the legend more; a tenth one has the second round's thicker lines."""
    rows = [Epoch(n, 1 / n, 0.5 / n, 1.1 / n, 0.4 / n, 0.1, 3.0) for n in range(1, 50)]
    heights = []
    for count in (1, 2, 10):
        save_comparison({f"run {n}": rows[: 10 + n] for n in range(count)}, tmp_path / "all.png")
        with Image.open(tmp_path / "all.png") as picture:
            heights.append(picture.size[1])
    assert heights[0] < heights[1] < heights[2]


def test_held_out_images_have_a_line(tmp_path):
    """The picture changes with them and is the same without."""
    plain = Epoch(1, 0.5, 0.2, 0.4, 0.1, 0.1, 1.0)
    for name, epoch in (("a", plain), ("b", replace(plain, valid_loss=0.45, valid_error=0.15))):
        save_curves([epoch], "x", tmp_path / name)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()
