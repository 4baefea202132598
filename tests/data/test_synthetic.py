"""The shapes data: deterministic, boxes of 10 to 20 pixels that fit, colours that say nothing, clutter."""

import numpy as np
import pytest
import torch

from netdsl.data import load, synthetic
from netdsl.data.drawing import boxes, draw
from netdsl.data.forms import FORMS
from netdsl.data.scenes import PIECES, scenes, take


@pytest.fixture(scope="module")
def data():
    return synthetic.shapes(2000, 500)


def test_sizes(data):
    assert data.train_images.shape == (2000, 3, 32, 32) and data.train_images.dtype == torch.uint8
    assert data.train_labels.bincount().tolist() == [200] * 10
    assert data.test_labels.bincount().tolist() == [50] * 10
    assert len(data.class_names) == 10


def test_equal_seeds_equal_bytes(data):
    again, other = synthetic.shapes(2000, 500), synthetic.shapes(2000, 500, seed=1)
    assert torch.equal(again.train_images, data.train_images) and torch.equal(again.test_boxes, data.test_boxes)
    assert not torch.equal(other.train_images, data.train_images)


def test_the_splits_share_no_picture(data):
    train = {image.numpy().tobytes() for image in data.train_images}
    assert not any(image.numpy().tobytes() in train for image in data.test_images)


def test_boxes_are_10_to_20_pixels_and_inside():
    made = scenes(np.random.default_rng(9), 6_000)
    sides = []
    for form in range(len(FORMS)):
        _, box = draw(take(made, np.flatnonzero(made.form == form)), None)
        assert box.min() >= 0 and box.max() <= 32
        sides.append(box[:, 2:] - box[:, :2])
    sides = np.concatenate(sides)
    assert sides.min() >= 10 and sides.max() <= 20
    assert (sides.max(1) >= 19).any() and (sides.min(1) <= 11).any(), "the whole range is used"


def test_boxes_are_tight():
    """Each side of the box has a pixel of the object on it, and none lies outside: seen on pictures without clutter."""
    made = scenes(np.random.default_rng(2), 300)
    made.piece_count[:] = 0
    made.slope[:] = 0
    for form in range(len(FORMS)):
        part = take(made, np.flatnonzero(made.form == form))
        images, box = draw(part, None)
        share = np.abs(images - np.rint(part.background)[:, :, None, None]).sum(1)
        share = share / np.abs(part.colour - part.background).sum(1)[:, None, None]
        assert (np.abs(boxes(share >= 0.3) - box) <= 1).all()
        assert (boxes(share > 0.45) >= box - [0, 0, 2, 2]).all()
        assert (boxes(share > 0.3 + 0.02)[:, :2] >= box[:, :2]).all()


def test_the_box_of_a_mask():
    mask = np.zeros((1, 6, 8), bool)
    mask[0, 2:5, 3] = True
    assert boxes(mask).tolist() == [[3, 2, 4, 5]]


def test_at_least_three_pieces_can_be_seen():
    made = scenes(np.random.default_rng(7), 600)
    assert made.piece_count.min() >= PIECES[0] == 3
    for form in range(len(FORMS)):
        part = take(made, np.flatnonzero(made.form == form))
        whole, _ = draw(part, None)
        count = part.piece_count.copy()
        visible = np.zeros(len(part), int)
        for piece in range(PIECES[1]):
            part.piece_colour[:, piece] = 255 - part.piece_colour[:, piece]
            changed, _ = draw(part, None)
            part.piece_colour[:, piece] = 255 - part.piece_colour[:, piece]
            visible += (changed != whole).any(1).sum((1, 2)) >= 2
        assert (visible >= 3).all() and (visible <= count).all()


def test_colour_says_nothing_about_the_form():
    """Mean colours of the classes differ no more than those of classes dealt out at random."""
    rng = np.random.default_rng(3)
    made = scenes(rng, 5000)
    for colour in (made.colour, made.background, made.piece_colour[:, 1]):

        def spread(form, colour=colour):
            return np.std([colour[form == c].mean(0) for c in range(10)], axis=0).sum()

        by_chance = [spread(rng.permutation(made.form)) for _ in range(100)]
        assert spread(made.form) < max(by_chance) * 1.2


def test_the_object_stands_out():
    made = scenes(np.random.default_rng(1), 5000)
    assert np.quantile((made.colour - made.background).mean(1), 0.01) > 60


def test_the_cached_set_is_the_drawn_one(monkeypatch, cache):
    monkeypatch.setattr(synthetic, "TRAIN", 60)
    monkeypatch.setattr(synthetic, "TEST", 20)
    said = []
    first, second = load("shapes", say=said.append), load("shapes", say=said.append)
    assert said == ["drawing the shapes data (once)"]
    drawn = synthetic.shapes(60, 20)
    for one in (first, second):
        assert torch.equal(one.train_images, drawn.train_images) and torch.equal(one.test_boxes, drawn.test_boxes)
    (file,) = (cache / "decoded").glob("shapes*.npy")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert torch.equal(load("shapes", say=said.append).train_images, drawn.train_images)
    assert len(said) == 2
