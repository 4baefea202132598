"""Images that are held out: so many of each class, always the same ones."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netdsl.data import load, synthetic
from netdsl.data.dataset import middle
from netdsl.data.held_out import hold_out
from netdsl.diagnostics import DiagnosticsError


@given(st.lists(st.integers(0, 4), max_size=60), st.one_of(st.integers(0, 20), st.floats(0, 1)))
def test_a_share_or_a_number_of_each_class(numbers, each):
    labels = torch.tensor(numbers, dtype=torch.int64)
    stay, held = hold_out(labels, each)
    assert sorted([*stay.tolist(), *held.tolist()]) == list(range(len(numbers)))
    for label in set(numbers):
        have = numbers.count(label)
        wanted = min(each, have) if isinstance(each, int) else int(each * have + 0.5)
        assert (labels[held] == label).sum() == wanted
    again = hold_out(labels, each)
    assert torch.equal(stay, again[0]) and torch.equal(held, again[1])


def test_they_are_drawn_and_not_the_first():
    _, held = hold_out(torch.zeros(1000, dtype=torch.int64), 100)
    assert 300 < held.float().mean() < 700


def test_a_validated_data_set():
    data = synthetic.shapes(400, 50)
    part = data.validated(0.1)
    assert part.valid_labels.bincount(minlength=10).tolist() == [4] * 10
    assert (len(part.train_images), len(part.valid_boxes), len(part.test_images)) == (360, 40, 50)
    both = torch.cat([part.train_images, part.valid_images]).flatten(1)
    assert len(both.unique(dim=0)) == len(data.train_images.flatten(1).unique(dim=0))
    for image, box in zip(part.valid_images, part.valid_boxes, strict=True):
        place = (data.train_images == image).flatten(1).all(1).nonzero()[0, 0]
        assert torch.equal(data.train_boxes[place], box)
    with pytest.raises(DiagnosticsError) as caught:
        part.validated(0.1)
    assert "of its own" in str(caught.value)


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 0.001, 0.999])
def test_a_share_that_leaves_nothing(fraction):
    with pytest.raises(DiagnosticsError) as caught:
        synthetic.shapes(40, 20).validated(fraction)
    assert caught.value.diagnostics[0].code == "NET527"


def test_some_classes_renumbered_in_the_order_asked():
    data = synthetic.shapes(200, 50).validated(0.2)
    names = (data.class_names[7], data.class_names[2])
    part = data.only(names)
    assert part.class_names == names
    for split in ("train", "valid", "test"):
        images, labels = part.split(split)
        whole, numbers = data.split(split)
        assert torch.equal(images, whole[(numbers == 7) | (numbers == 2)])
        assert torch.equal(labels, (numbers[(numbers == 7) | (numbers == 2)] == 2).long())
    assert data.only(data.class_names) is data


def test_a_split_that_there_is_not():
    with pytest.raises(DiagnosticsError) as caught:
        synthetic.shapes(40, 20).split("valid")
    assert caught.value.diagnostics[0].code == "NET534"
    assert "train, test" in str(caught.value)


def test_the_middle():
    images = torch.arange(30).view(1, 1, 5, 6)
    assert middle(images, (5, 6)).tolist() == images.tolist()
    assert middle(images, (1, 2)).tolist() == [[[[14, 15]]]]
    assert middle(images, (2, 3)).tolist() == [[[[7, 8, 9], [13, 14, 15]]]]


@pytest.mark.slow
def test_real_digits(real_data):
    """A tenth of each digit, to half an image."""
    whole = load("mnist", real_data)
    counts = whole.train_labels.bincount()
    part = whole.only(["3", "8", "0"]).validated(0.1)
    wanted = [int(0.1 * counts[digit] + 0.5) for digit in (3, 8, 0)]
    assert part.valid_labels.bincount().tolist() == wanted
    assert [len(part.train_images), len(part.test_images)] == [
        int(counts[[3, 8, 0]].sum()) - sum(wanted),
        1010 + 974 + 980,
    ]


@pytest.mark.slow
def test_a_tenth_of_real_cifar(real_data):
    part = load("cifar10", real_data).validated(0.1)
    assert part.valid_labels.bincount().tolist() == [500] * 10
    assert part.train_labels.bincount().tolist() == [4500] * 10
