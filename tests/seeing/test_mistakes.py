"""Mistakes: which are chosen, and that the maps of both classes add up to what the net said."""

import math

import pytest
import torch
from PIL import Image

from netdsl import data
from netdsl.data import synthetic
from netdsl.seeing.mistakes import chosen, find_mistakes
from netdsl.seeing.mistakes_picture import draw
from netdsl.seeing.tried import Tried
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.evaluation.trained import open_run

NAMES = ("x", "y", "z")


@pytest.fixture
def few(monkeypatch):
    made = synthetic.shapes(40, 90, seed=3)
    monkeypatch.setattr(data.synthetic, "load", lambda say: made)
    return made


def test_the_worst_come_first():
    shares = torch.tensor([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.9, 0.05, 0.05], [0.3, 0.3, 0.4], [0.1, 0.6, 0.3]])
    found, wrong = chosen(shares.log(), torch.tensor([0, 1, 2, 1, 0]), NAMES, 3)
    assert wrong == 4
    assert [each.number for each in found] == [2, 4, 3], "true class at 5, 10, 30 and (left out) 40 %"
    worst = found[0]
    assert (worst.true, worst.predicted) == ("z", "x")
    assert worst.loss == pytest.approx(-math.log(0.05))
    assert list(worst.probabilities) == ["x", "y", "z"], "the most probable first, equal ones in the classes' order"
    assert worst.probabilities["x"] == pytest.approx(0.9)


def test_a_draw_by_its_seed():
    """All mistakes are as likely; the same seed gives the same; in the order of the images."""
    logs = torch.randn(200, 3, generator=torch.Generator().manual_seed(1)).log_softmax(1)
    labels = (logs.argmax(1) + 1) % 3
    labels[50:] = logs[50:].argmax(1)
    draws = [[each.number for each in chosen(logs, labels, NAMES, 10, seed)[0]] for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert draws[0] == sorted(draws[0]) and len(set(draws[0])) == 10 and max(draws[0]) < 50
    every = {each.number for seed in range(60) for each in chosen(logs, labels, NAMES, 10, seed)[0]}
    assert every == set(range(50))
    assert len(chosen(logs, labels, NAMES, 80, 0)[0]) == 50


def test_no_mistakes():
    assert chosen(torch.eye(3).log_softmax(1), torch.arange(3), NAMES, 5) == ([], 0)


def test_of_a_run(trained_run, few):
    """As many as `netdsl eval` counts, and map by map: mean and bias of both classes make their probabilities."""
    found = find_mistakes(Tried(trained_run), count=9)
    assert found.wrong == evaluate(trained_run).wrong > 9 == len(found.seen)
    assert found.images == 90 and found.place == "relu4"
    bias = open_run(trained_run).module.get_submodule("linear1").bias
    for each in found.seen:
        mistake, true = each.mistake, few.class_names.index(each.mistake.true)
        assert few.test_labels[mistake.number] == true and mistake.true != mistake.predicted
        assert torch.equal(each.image, few.test_images[mistake.number])
        predicted = few.class_names.index(mistake.predicted)
        scores = each.predicted.mean() + bias[predicted], each.true.mean() + bias[true]
        odds = math.log(mistake.probabilities[mistake.predicted] / mistake.probabilities[mistake.true])
        assert (scores[0] - scores[1]).item() == pytest.approx(odds, abs=1e-3)
        assert sum(mistake.probabilities.values()) == pytest.approx(1)
    assert [each.mistake.loss for each in found.seen] == sorted((e.mistake.loss for e in found.seen), reverse=True)


def test_the_picture(trained_run, few, tmp_path):
    found = find_mistakes(Tried(trained_run), count=3, seed=0)
    assert draw(found) == trained_run / "mistakes.png"
    assert draw(found, tmp_path / "m.png") == tmp_path / "m.png"
    with Image.open(tmp_path / "m.png") as picture:
        assert picture.width > 1200 and picture.height > 350, "two a row"
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}
        assert {(200, 69, 47), (47, 125, 79)} <= colours, "bars of the class taken for and of the true one"
    as_json = found.as_json(tmp_path / "m.png")
    assert as_json["wrong"] == found.wrong and len(as_json["mistakes"]) == 3
    assert as_json["mistakes"][0]["probabilities"] == found.seen[0].mistake.probabilities


def test_nothing_to_draw(trained_run, few, tmp_path, monkeypatch):
    """On images that the net is right about."""
    right = torch.ones(90, dtype=torch.bool)
    right[[each.mistake.number for each in find_mistakes(Tried(trained_run), count=90).seen]] = False
    from dataclasses import replace

    known = replace(
        few, test_images=few.test_images[right], test_labels=few.test_labels[right], test_boxes=few.test_boxes[right]
    )
    monkeypatch.setattr(data.synthetic, "load", lambda say: known)
    found = find_mistakes(Tried(trained_run))
    assert found.wrong == 0 and found.seen == [] and draw(found, tmp_path / "m.png") is None
    assert not (tmp_path / "m.png").exists()
    assert found.as_json(None)["picture"] is None
