"""Photographs without classes: which are found, held out, and given which styles."""

import pytest
import torch
from PIL import Image

from netdsl.data import Cut
from netdsl.data.photos import MOST_TESTS, load, scan
from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap

SMALL = Cut(FeatureMap(3, (8, 8)))


@pytest.fixture
def place(tmp_path):
    for number in range(10):
        folder = tmp_path / "photos" / ("deep/er" if number < 3 else "")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 12), (10 * number, 0, 0)).save(folder / f"{number}.png")
    (tmp_path / "photos" / ".hidden").mkdir()
    Image.new("RGB", (16, 12)).save(tmp_path / "photos" / ".hidden" / "no.png")
    return tmp_path / "photos"


def reds(images: torch.Tensor) -> set[int]:
    return set(images[:, 0, 0, 0].tolist())


def test_every_photograph_is_trained_on_or_tried(place):
    data = load(f"folder:{place}", SMALL, ("a", "b", "c"), (0, 1, 2), print)
    assert (len(data.train_images), len(data.test_images)) == (8, 2)
    assert reds(data.train_images) | reds(data.test_images) == set(range(0, 100, 10))
    assert data.class_names == ("a", "b", "c") and data.drawn_labels == (0, 1, 2)
    assert data.test_labels.tolist() == [0, 1]
    again = load(f"folder:{place}", SMALL, ("a", "b", "c"), (0, 1, 2), print)
    assert torch.equal(again.test_images, data.test_images)


def test_only_new_styles_are_drawn(place):
    data = load(f"folder:{place}", SMALL, ("a", "b", "c"), (2,), print)
    assert set(data.train_labels.tolist()) == set(data.test_labels.tolist()) == {2} and data.drawn_labels == (2,)


def test_larger_squares_to_cut_from(place):
    data = load(f"folder:{place}", Cut(FeatureMap(3, (8, 8)), 12, whole=True), ("a",), (0,), print)
    assert data.train_images.shape[2:] == (12, 12) and data.test_images.shape[2:] == (8, 8)


def test_few_are_held_out(tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(60):
        Image.new("RGB", (8, 8), (4 * number, 0, 0)).save(tmp_path / "many" / f"{number}.png")
    data = load(f"folder:{tmp_path / 'many'}", SMALL, ("a",), (0,), print)
    assert (len(data.train_images), len(data.test_images)) == (60 - MOST_TESTS, MOST_TESTS)


def test_what_is_no_image_is_left_out_and_named(place):
    (place / "note.txt").write_text("no picture")
    said: list[str] = []
    data = load(f"folder:{place}", SMALL, ("a",), (0,), said.append)
    assert len(data.train_images) + len(data.test_images) == 10
    assert "note.txt (not an image)" in said[-1]


def test_a_folder_that_will_not_do(tmp_path):
    (tmp_path / "one").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "one" / "a.png")
    for name, code in (("nothing", "NET511"), ("one", "NET523"), ("one/a.png", "NET511")):
        with pytest.raises(DiagnosticsError) as caught:
            load(f"folder:{tmp_path / name}", SMALL, ("a",), (0,), print)
        assert caught.value.diagnostics[0].code == code
    (tmp_path / "none").mkdir()
    assert scan(f"folder:{tmp_path / 'none'}").files == ()
    with pytest.raises(DiagnosticsError):
        load(f"folder:{tmp_path / 'none'}", SMALL, ("a",), (0,), print)
