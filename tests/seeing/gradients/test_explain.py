"""Saliency pictures of photographs: where the pixels of the class lie, what is drawn, and what is told of each file."""

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering import feature_maps
from netdsl.seeing.gradients import draw, scores
from netdsl.seeing.gradients.asked import classes_of, features_at
from netdsl.seeing.gradients.explain import explain
from netdsl.seeing.gradients.saliency import METHODS, Settings, attributions, over_colours
from netdsl.seeing.photos import read_photos
from netdsl.tasks.setup.watch import Silent


class Heard(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture(scope="module")
def side_by_side(content, tmp_path_factory):
    """The cat and the coffee, each 300x300, one beside the other; and the other way round."""
    halves = {}
    for name in ("chelsea", "coffee"):
        with Image.open(content(name)) as image:
            halves[name] = image.convert("RGB").resize((300, 300), Image.Resampling.BICUBIC)
    folder = tmp_path_factory.mktemp("halves")
    paths = []
    for left, right in (("chelsea", "coffee"), ("coffee", "chelsea")):
        both = Image.new("RGB", (600, 300))
        both.paste(halves[left], (0, 0))
        both.paste(halves[right], (300, 0))
        both.resize((300, 300)).save(folder / f"{left}.png")  # squeezed, since the middle is taken
        paths.append(folder / f"{left}.png")
    return paths


@pytest.mark.parametrize("method", ["gradient", "guided", "smoothgrad", "integrated"])
def test_more_of_it_lies_on_the_half_with_the_class(squeezenet, side_by_side, method) -> None:
    """Deconvnet is left out: it does not ask for the class's own way through the net, as its critics say."""
    photos = read_photos(side_by_side, squeezenet)
    few = Settings(samples=6, steps=6)
    shares = {}
    for name in ("Egyptian cat", "espresso"):
        place = classes_of(squeezenet, [name])
        x = squeezenet.batch(torch.stack([photo.pixels for photo in photos]))
        channels = place.channels * 2
        values = attributions(squeezenet.module, place.node, x, channels, place.score_of, method, settings=few).values
        strength = over_colours(values)
        left = strength[:, :, :112].sum((1, 2)) / strength.sum((1, 2))
        shares[name] = left.tolist()
    if method != "smoothgrad":  # under its noise the squeezed cat fades, and gradients lie on both halves
        assert shares["Egyptian cat"][0] > 0.5 > shares["Egyptian cat"][1]
    assert shares["espresso"][1] > 0.5 > shares["espresso"][0]
    assert shares["Egyptian cat"][0] - shares["espresso"][0] > 0.1
    assert shares["espresso"][1] - shares["Egyptian cat"][1] > 0.1


def test_what_is_told_of_a_photograph(squeezenet, content, tmp_path) -> None:
    files = [content("chelsea"), content("coffee")]
    outputs = [tmp_path / "new" / "a.png", tmp_path / "new" / "b.png"]
    found = explain(squeezenet, files, outputs, classes_of(squeezenet, []), "guided")
    assert [one.class_name for one in found] == ["Egyptian cat", "espresso"]
    assert found[1].probability > 0.9
    for one, photo in zip(found, read_photos(files, squeezenet), strict=True):
        told = one.as_json()
        assert told["class"]["index"] == one.channel and told["error"] is None and told["method"] == "guided"
        with torch.no_grad():
            logits = squeezenet.module(squeezenet.batch(photo.pixels[None]))[0]
        assert one.score == pytest.approx(logits.max().item(), rel=1e-4)
        x, y = one.peak
        assert 0 <= x <= photo.size[0] and 0 <= y <= photo.size[1]
        with Image.open(told["output"]) as picture:
            assert picture.format == "PNG" and np.asarray(picture.convert("L")).std() > 20


def test_integrated_gradients_of_a_photograph_are_complete(squeezenet, content, tmp_path) -> None:
    asked = Settings(steps=64)
    place = classes_of(squeezenet, ["espresso"])
    for baseline in ("mean", "black"):  # 64 steps come to some per cent
        (one,) = explain(
            squeezenet, [content("coffee")], [tmp_path / f"{baseline}.png"], place, "integrated", baseline, asked
        )
        assert one.total == pytest.approx(one.score - one.baseline_score, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_files_that_are_no_images_are_told_and_the_others_done(lively, picture, tmp_path, method) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    files = [broken, picture("a.png", 50, 40), tmp_path / "nowhere.png", picture("b.png", 20, 60, "L")]
    outputs = [tmp_path / f"{n}-out.png" for n in range(4)]
    few = Settings(samples=2, steps=2)
    place = classes_of(lively, ["tabby"])
    found = explain(lively, files, outputs, place, method, settings=few)
    assert [one.error is None for one in found] == [False, True, False, True]
    assert [path.exists() for path in outputs] == [False, True, False, True]
    assert found[0].as_json()["output"] is None and found[2].error == "no such file"
    assert {one.class_name for one in found if one.error is None} == {"tabby"}


def test_a_feature_in_place_of_a_class(lively, picture, tmp_path) -> None:
    files = [picture("a.png", 40, 40)]
    place = features_at(lively, "@last", [3], scores.strongest)
    (one,) = explain(lively, files, [tmp_path / "out.png"], place, "deconvnet")
    assert (one.at, one.channel, one.class_name, one.probability) == ("last", 3, None, None)
    assert one.as_json()["class"] is None


@pytest.fixture
def panels(monkeypatch):
    """The panels of each picture that is drawn, in place of the picture."""
    drawn = []

    def keep(rows, title, path, form):
        drawn.append(rows[0])
        path.write_bytes(b"drawn")

    monkeypatch.setattr(draw, "save_panels", keep)
    return drawn


@pytest.fixture
def found_values(monkeypatch):
    """What `attributions` gives within `explain`."""
    kept = []

    def told(*given):
        kept.append(attributions(*given))
        return kept[-1]

    monkeypatch.setattr("netdsl.seeing.gradients.explain.attributions", told)
    return kept


@pytest.mark.parametrize("method", METHODS)
def test_a_unit_is_cut_out_with_a_scale_of_its_own(lively, picture, tmp_path, panels, found_values, method) -> None:
    """At @last a unit sees 7x7 pixels of 32x32: the brightest hundredth of all pixels would be 10 of its 49."""
    place = features_at(lively, "@last", [3], scores.strongest)
    few = Settings(samples=3, steps=3, noise=0.5)
    explain(lively, [picture("a.png", 40, 40)], [tmp_path / "out.png"], place, method, settings=few)
    ((given, piece, strength, signed),) = panels
    (top, bottom), (left, right) = given.box
    rows, columns = bottom - top + 1, right - left + 1
    assert 4 <= rows <= 7 and 4 <= columns <= 7 and given.pixels.shape == (32, 32, 3)
    assert (piece.pixels == given.pixels[top : bottom + 1, left : right + 1]).all()
    assert piece.title == f"what the unit sees, {rows}x{columns}"
    assert strength.pixels.shape == (rows, columns) and signed.pixels.shape == (rows, columns, 3)
    assert 1 <= (strength.pixels == 1).sum() <= 3 and (strength.pixels > 0).sum() > 10
    (values,) = (found.values[0].clone() for found in found_values)
    assert values.abs().sum() > 0
    values[:, top : bottom + 1, left : right + 1] = 0
    assert not values.any()  # the same unit in every noisy copy: nothing is left outside of what is shown


def test_the_strongest_unit_is_the_one_that_is_framed(lively, picture, tmp_path, panels) -> None:
    files = [picture("a.png", 40, 40), picture("b.png", 70, 40)]
    place = features_at(lively, "@last", [5], scores.strongest)
    found = explain(lively, files, [tmp_path / "a-out.png", tmp_path / "b-out.png"], place)
    for photo, one, shown in zip(read_photos(files, lively), found, panels, strict=True):
        with torch.no_grad():
            maps = feature_maps(lively.module, ["last"])(lively.batch(photo.pixels[None]))["last"][0, 5]
        assert one.score == pytest.approx(maps.max().item(), rel=1e-5)
        row, column = divmod(int(maps.argmax()), 16)
        assert shown[0].box == tuple((max(0, 2 * n - 3), min(31, 2 * n + 3)) for n in (row, column))


def test_a_class_sees_the_whole_image(lively, picture, tmp_path, panels) -> None:
    explain(lively, [picture("a.png", 40, 40)], [tmp_path / "out.png"], classes_of(lively, ["tabby"]))
    ((given, strength, signed),) = panels
    assert given.box is None and strength.pixels.shape == (32, 32) and signed.pixels.shape == (32, 32, 3)


def test_a_net_without_relus_is_told_of(random_weights, picture, tmp_path) -> None:
    from netdsl.seeing.subject import open_subject

    text = "net smooth { input 3x8x8  C3-4 tanh G F3 }"
    subject = open_subject(text, random_weights(text), set_recipe={"normalize": "none"})
    files = [picture("a.png", 10, 10)]
    heard = Heard()
    explain(subject, files, [tmp_path / "a-out.png"], classes_of(subject, []), "guided", watch=heard)
    assert heard.said == ["`smooth` has no ReLU on the way there: guided backpropagation is the plain gradient"]
    quiet = Heard()
    explain(subject, files, [tmp_path / "b-out.png"], classes_of(subject, []), "gradient", watch=quiet)
    assert not quiet.said


def test_no_black_behind_a_contrast_of_its_own(lively, picture, tmp_path) -> None:
    from dataclasses import replace

    from netdsl.data.contrast import GlobalContrast

    odd = replace(lively, normalization=GlobalContrast((0.0,) * 3, (1.0,) * 3))
    files = [picture("a.png", 40, 40)]
    with pytest.raises(DiagnosticsError) as caught:
        explain(odd, files, [tmp_path / "out.png"], classes_of(odd, []), "integrated", "black")
    assert caught.value.diagnostics[0].code == "NET626"
    few = Settings(steps=2)
    assert explain(odd, files, [tmp_path / "out.png"], classes_of(odd, []), "integrated", "mean", few)[0].output


def test_of_a_net_that_ends_in_heads_the_one_with_classes(random_weights, picture, tmp_path) -> None:
    from netdsl.seeing.gradients.ascent import Ascent
    from netdsl.seeing.gradients.excite import excite
    from netdsl.seeing.subject import open_subject

    subject = open_subject("shapes_box", random_weights("shapes_box"), set_recipe={"normalize": "none"})
    assert subject.network.final_heads
    (one,) = explain(subject, [picture("a.png", 40, 40)], [tmp_path / "a-out.png"], classes_of(subject, []))
    assert one.probability == pytest.approx(1 / len(subject.classes), abs=0.2) and one.output
    found = excite(subject, classes_of(subject, ["0"]), tmp_path / "b-out.png", Ascent(steps=2))
    assert 0 <= found[0].probability <= 1


def test_more_files_than_fit_a_batch(lively, picture, tmp_path) -> None:
    files = [picture(f"{n}.png", 40, 40) for n in range(18)]
    files[4].write_bytes(b"broken")
    outputs = [tmp_path / "drawn" / f"{n}.png" for n in range(18)]
    found = explain(lively, files, outputs, classes_of(lively, ["7"]))
    assert [one.file for one in found] == [str(path) for path in files]
    assert [path.exists() for path in outputs] == [n != 4 for n in range(18)]
    (alone,) = explain(lively, files[17:], [tmp_path / "alone.png"], classes_of(lively, ["7"]))
    assert alone.score == pytest.approx(found[17].score, rel=1e-5) and alone.peak == found[17].peak
