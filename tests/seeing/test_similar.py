"""Nearest images: a photograph finds its own mirror and crop among others, by features of now and of earlier."""

import pytest
from PIL import Image, ImageOps

from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.features import Features, features_of, place_of
from netdsl.seeing.gallery import Files
from netdsl.seeing.similar import similar


@pytest.fixture
def photos(content, tmp_path):
    """A cat, mirrored and darker, among five others; and something that is no image."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("chelsea", "coffee", "astronaut", "rocket"):
        with Image.open(content(name)) as image:
            image.convert("RGB").save(folder / f"{name}.jpg")
            if name == "chelsea":
                ImageOps.mirror(image.convert("RGB")).save(folder / "mirror.jpg")
                image.convert("RGB").point(lambda level: level * 0.7).save(folder / "dark.jpg")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def test_a_cat_finds_its_mirror_and_itself_at_night(squeezenet, photos, tmp_path) -> None:
    at = place_of(squeezenet.network, None)
    found = similar(squeezenet, photos / "chelsea.jpg", [photos], at, tmp_path / "out.png", most=4)
    names = [neighbour.file.rpartition("/")[2] for neighbour in found.neighbours]
    assert set(names[:2]) == {"mirror.jpg", "dark.jpg"} and "chelsea.jpg" not in names and len(names) == 4
    cosines = [neighbour.similarity for neighbour in found.neighbours]
    assert cosines == sorted(cosines, reverse=True) and cosines[1] > cosines[2] + 0.1
    assert list(found.errors) == [str(photos / "broken.jpg")] and found.images == 6
    with Image.open(tmp_path / "out.png") as sheet:
        assert sheet.size[0] > 500
    told = found.as_json()
    assert told["neighbours"][0]["file"].endswith(names[0]) and len(told["errors"]) == 1


def test_features_of_earlier_give_the_same(squeezenet, photos, tmp_path) -> None:
    at = place_of(squeezenet.network, None)
    for unit in (False, True):
        kept = features_of(squeezenet, at, Files([photos], squeezenet), unit=unit)
        kept.save(tmp_path / f"{unit}.npz")
        known = Features.load(tmp_path / f"{unit}.npz")
        found = similar(squeezenet, photos / "chelsea.jpg", known, at, tmp_path / f"{unit}.png", most=3)
        fresh = similar(squeezenet, photos / "chelsea.jpg", [photos], at, tmp_path / f"{unit}2.png", most=3)
        assert [n.file for n in found.neighbours] == [n.file for n in fresh.neighbours]
        assert found.neighbours[0].similarity == pytest.approx(fresh.neighbours[0].similarity, rel=1e-4)


def test_features_of_something_else(squeezenet, lively, photos, tmp_path) -> None:
    query, out = photos / "chelsea.jpg", tmp_path / "out.png"
    kept = features_of(lively, "last", Files([photos], lively))
    for subject, at, flatten in (
        (squeezenet, "fire9", False),
        (lively, "global_avg_pool1", False),
        (lively, "last", True),
    ):
        with pytest.raises(DiagnosticsError) as caught:
            similar(subject, query, kept, at, out, flatten=flatten)
        assert caught.value.diagnostics[0].code == "NET628"


def test_nothing_to_look_for_and_nothing_to_find(lively, photos, picture, tmp_path) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        similar(lively, photos / "broken.jpg", [photos], "last", tmp_path / "out.png")
    assert caught.value.diagnostics[0].code == "NET627"
    alone = picture("alone/a.png", 30, 30)
    found = similar(lively, alone, [alone.parent], "last", tmp_path / "out.png")
    assert found.neighbours == () and found.output is None and not (tmp_path / "out.png").exists()
