"""Images made for classes and units, as they are told and drawn."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from netdsl.data.contrast import GlobalContrast
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.gradients import scores
from netdsl.seeing.gradients.ascent import Ascent
from netdsl.seeing.gradients.asked import classes_of, features_at
from netdsl.seeing.gradients.excite import excite, window

SHORT = Ascent(steps=20, rate=0.1, blur=0)


def test_an_image_for_a_real_class(squeezenet, tmp_path) -> None:
    """Made from grey, and then the net is sure of it."""
    place = classes_of(squeezenet, ["goldfish"])
    (one,) = excite(squeezenet, place, tmp_path / "out.png", Ascent(steps=25))
    assert one.class_name == "goldfish" and one.probability > 0.9
    assert one.score > 3 * one.start
    assert one.as_json()["class"]["index"] == 1


def test_classes_and_units(lively, tmp_path) -> None:
    found = excite(lively, classes_of(lively, ["3", "4", "5"]), tmp_path / "classes.png", SHORT)
    assert [one.channel for one in found] == [3, 4, 5] and all(one.score > one.start for one in found)
    place = features_at(lively, "@last", [0, 7], scores.centre)
    found = excite(lively, place, tmp_path / "units.png", SHORT)
    assert all(one.score > one.start and one.class_name is None and one.probability is None for one in found)
    for name in ("classes.png", "units.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.convert("RGB").getcolors(maxcolors=100) is None


def test_a_unit_is_shown_as_it_sees(lively, squeezenet) -> None:
    """C3/2 and C3: a field of 7 pixels around the middle of 32; of classes, and of late units, the whole image."""
    (top, bottom), (left, right) = window(lively, features_at(lively, "@last", [0], scores.centre))
    assert (bottom - top + 1, right - left + 1) == (7, 7) and top == left == 13
    assert window(lively, classes_of(lively, ["0"])) == ((0, 31), (0, 31))
    assert window(squeezenet, features_at(squeezenet, "conv1", [0], scores.centre)) == ((110, 112), (110, 112))


def test_equal_seeds_give_equal_pictures(lively, tmp_path) -> None:
    place = classes_of(lively, ["3"])
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        excite(lively, place, tmp_path / f"{name}.png", replace(SHORT, seed=seed))
    same, again, other = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert same == again != other


def test_no_picture_behind_a_contrast_of_its_own(lively, tmp_path) -> None:
    odd = replace(lively, normalization=GlobalContrast((0.0,) * 3, (1.0,) * 3))
    with pytest.raises(DiagnosticsError) as caught:
        excite(odd, classes_of(odd, ["0"]), tmp_path / "out.png", SHORT)
    assert caught.value.diagnostics[0].code == "NET626" and not (tmp_path / "out.png").exists()


def test_the_net_gets_no_gradients(lively, tmp_path) -> None:
    before = {name: tensor.clone() for name, tensor in lively.module.state_dict().items()}
    excite(lively, classes_of(lively, ["0"]), tmp_path / "out.png", SHORT)
    assert all(torch.equal(tensor, before[name]) for name, tensor in lively.module.state_dict().items())
    assert not any(weight.grad is not None for weight in lively.module.parameters())


def test_more_images_than_are_made_at_once(lively, tmp_path) -> None:
    """Each as if it were made alone, from the same grey."""
    twelve = excite(lively, classes_of(lively, [str(n) for n in range(12)]), tmp_path / "all.png", SHORT)
    (alone,) = excite(lively, classes_of(lively, ["10"]), tmp_path / "one.png", SHORT)
    assert [one.channel for one in twelve] == list(range(12))
    assert twelve[10].score == pytest.approx(alone.score, rel=1e-3)
