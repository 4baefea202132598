"""A run's maps tried on images whose boxes are known: against the definitions, one image after the other."""

import pytest
import torch
from PIL import Image

from netdsl import data
from netdsl.data import synthetic
from netdsl.seeing.localize import Cutting, localize
from netdsl.seeing.localize_picture import draw
from netdsl.seeing.looker import Method
from netdsl.seeing.tried import Tried
from netdsl.tasks.evaluation.trained import open_run


@pytest.fixture
def few(monkeypatch):
    made = synthetic.shapes(40, 90, seed=3)
    monkeypatch.setattr(data.synthetic, "load", lambda say: made)
    return made


def maps_by_hand(run, images, labels):
    """Features before the pool, by a hook, times the weights of each image's class; and the scores."""
    trained = open_run(run)
    module = trained.module.eval()
    caught = []
    module.get_submodule("global_avg_pool1").register_forward_hook(lambda layer, given, made: caught.append(given[0]))
    with torch.no_grad():
        scores = module(trained.normalization(images))
    weight = module.get_submodule("linear1").weight
    maps = torch.stack([(weight[c][:, None, None] * f).sum(0) for f, c in zip(caught[0], labels, strict=True)])
    return torch.nn.functional.interpolate(maps[:, None], size=(32, 32), mode="bilinear")[:, 0].detach(), scores


def by_hand(heat, true, share):
    """(pixels of the box of everything from a share of the maximum on) against the true box: IoU."""
    above = [(x, y) for y in range(32) for x in range(32) if heat[y, x] >= share * heat.max()]
    if heat.max() <= 0 or not above:
        return 0.0
    xs, ys = zip(*above, strict=True)
    found = {(x, y) for x in range(min(xs), max(xs) + 1) for y in range(min(ys), max(ys) + 1)}
    box = {(x, y) for x in range(true[0], true[2]) for y in range(true[1], true[3])}
    return len(found & box) / len(found | box)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_against_the_definitions(trained_run, few, share):
    found = localize(Tried(trained_run), cutting=Cutting(share, box="smallest"), keep=7)
    maps, scores = maps_by_hand(trained_run, few.test_images, few.test_labels)
    boxes = few.test_boxes.tolist()
    overlaps = torch.tensor([by_hand(heat, box, share) for heat, box in zip(maps, boxes, strict=True)])
    right = scores.argmax(1) == few.test_labels
    assert 0 < overlaps.ge(0.5).sum() < 90 and 0 < right.sum() < 90, "a net that knows some, not all"
    result = found.result
    assert result.images == 90 and result.threshold == share and result.method == "cam"
    for least in (0.3, 0.5, 0.7):
        assert result.gt_known_loc[str(least)] == overlaps.ge(least).sum().item() / 90
    assert result.top1_loc == (right & overlaps.ge(0.5)).sum().item() / 90
    highest = [divmod(int(heat.argmax()), 32) for heat in maps]
    hits = [b[0] <= x < b[2] and b[1] <= y < b[3] for (y, x), b in zip(highest, boxes, strict=True)]
    assert result.pointing == sum(hits) / 90
    at = min(range(101), key=lambda number: abs(result.curve[number].threshold - share))
    assert result.curve[at].box_acc == result.gt_known_loc

    assert found.place == "relu4" and found.net == "tiny" and found.data == "shapes"
    assert len(found.found) == 7
    for number, each in enumerate(found.found):
        assert torch.allclose(each.map, maps[number], atol=1e-4)
        assert torch.equal(each.image, few.test_images[number])
        assert each.overlap == pytest.approx(overlaps[number].item())
        assert each.name == few.class_names[few.test_labels[number]]
        assert each.answer == few.class_names[scores[number].argmax()]


@pytest.mark.parametrize("box", ["component", "smallest"])
def test_sums_that_must_agree(trained_run, few, box):
    """By definition, whatever the net: Top-1 is part of GT-known, which is at most the curve's best, and so on."""
    result = localize(Tried(trained_run), cutting=Cutting(0.5, "range", box)).result
    known = result.gt_known_loc
    assert result.top1_loc <= known["0.5"] <= result.max_box_acc
    assert known["0.3"] >= known["0.5"] >= known["0.7"]
    if box == "component":  # one of all pieces
        assert all(p.box_acc[i] <= p.box_acc_v2[i] for p in result.curve for i in known)


def test_another_split(trained_run, few):
    assert localize(Tried(trained_run, split="train")).result.images == 40


def test_the_pictures(trained_run, few, tmp_path):
    found = localize(Tried(trained_run), keep=8)
    drawn = draw(found, tmp_path / "curve.png", tmp_path / "sheet.png")
    assert drawn == [tmp_path / "curve.png", tmp_path / "sheet.png"]
    with Image.open(drawn[1]) as sheet:
        colours = {colour for _, colour in sheet.convert("RGB").getcolors(1 << 24)}
        assert (0, 229, 255) in colours, "the boxes that are found"
        assert sheet.width > 900 and sheet.height > 300, "six in a row, two rows"
    with Image.open(drawn[0]) as curve:
        colours = {colour for _, colour in curve.convert("RGB").getcolors(1 << 24)}
        assert {(127, 167, 224), (31, 63, 143), (160, 16, 16)} <= colours
    assert draw(found, None, None) == []


def test_methods_differ(trained_run, few):
    plain, other = (localize(Tried(trained_run), Method(name)).result for name in ("cam", "layer-cam"))
    assert plain.curve != other.curve and other.method == "layer-cam"
