"""The picture of a run."""

import pytest
from PIL import Image

from netdsl.tasks.curves import save_curves
from netdsl.tasks.metrics import Epoch


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
