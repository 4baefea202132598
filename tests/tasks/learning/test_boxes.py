"""Overlaps of boxes, counted pixel by pixel."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netdsl.tasks.learning.boxes import overlap, shares

SIDES = st.tuples(*[st.integers(0, 9)] * 4)


def pixels(box):
    left, top, right, bottom = box
    return {(x, y) for x in range(left, right) for y in range(top, bottom)}


@given(SIDES, SIDES)
def test_overlap_is_what_both_cover_of_what_either_covers(one, other):
    both, either = pixels(one) & pixels(other), pixels(one) | pixels(other)
    expected = len(both) / len(either) if either else 0
    found = overlap(torch.tensor([one]).float(), torch.tensor([other]).float())
    assert found.item() == pytest.approx(expected)


def test_shares_of_width_and_height():
    images = torch.zeros(2, 3, 20, 40)
    boxes = torch.tensor([[0, 0, 40, 20], [10, 5, 30, 15]])
    assert shares(boxes, images).tolist() == [[0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75]]


def test_an_overlap_does_not_depend_on_the_unit():
    images = torch.zeros(50, 3, 24, 32)
    corners, ends = torch.randint(0, 12, (2, 50, 2)), torch.randint(12, 24, (2, 50, 2))
    one, other = torch.cat([corners, ends], dim=2)
    assert torch.allclose(
        overlap(one.float(), other.float()), overlap(shares(one, images), shares(other, images)), atol=1e-6
    )
