"""Boxes from maps: by hand, and against a search pixel by pixel."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.seeing.boxes import component_boxes, pieces, shares, smallest_boxes

TWO_PIECES = torch.tensor(
    [
        [9.0, 0, 0, 0, 0, 0],
        [0, 0, 0, 5, 5, 0],
        [0, 0, 0, 0, 0, 5],
        [0, 0, 0, 0, 0, 0],
    ]
)[None]


def test_by_hand():
    """A high pixel in a corner; three lower ones, of which two touch at a corner only."""
    cut = shares(TWO_PIECES)
    assert smallest_boxes(cut, 0.5).tolist() == [[0, 0, 6, 3]]
    assert component_boxes(cut, 0.5).tolist() == [[3, 1, 6, 3]]
    assert smallest_boxes(cut, 0.6).tolist() == [[0, 0, 1, 1]] == component_boxes(cut, 0.6).tolist()
    assert pieces(cut, 0.5).pixels.tolist() == [1, 3]


def test_a_threshold_belongs_to_what_it_keeps():
    maps = torch.tensor([[[0.5, 1.0, 0.25]]])
    assert smallest_boxes(shares(maps), 0.5).tolist() == [[0, 0, 2, 1]]
    assert smallest_boxes(shares(maps), 1.0).tolist() == [[1, 0, 2, 1]]
    assert smallest_boxes(shares(maps), 0.0).tolist() == [[0, 0, 3, 1]]


def test_of_the_maximum_and_of_the_range():
    """A signed map: half of the maximum is 2, half of the range is 0."""
    maps = torch.tensor([[[-4.0, 0.0, 2.0, 4.0]]])
    assert smallest_boxes(shares(maps, "maximum"), 0.5).tolist() == [[2, 0, 4, 1]]
    assert smallest_boxes(shares(maps, "range"), 0.5).tolist() == [[1, 0, 4, 1]]


@pytest.mark.parametrize("level", [-3.0, 0.0])
def test_a_map_with_nothing_above_zero(level):
    """Of its maximum there is no share, so the box is empty; its range is a single value, all of which is highest."""
    maps = torch.full((1, 2, 3), level)
    for boxes in (smallest_boxes, component_boxes):
        assert boxes(shares(maps), 0.0).tolist() == [[0, 0, 0, 0]]
        assert boxes(shares(maps, "range"), 1.0).tolist() == [[0, 0, 3, 2]]


def test_pieces_of_equal_size_and_maps_that_lie_on_each_other():
    """The first piece counts; and a piece does not go on in the next map at the same place."""
    one = torch.tensor([[1.0, 0, 1.0]])
    found = pieces(torch.stack([one, one]), 0.5)
    assert found.map.tolist() == [0, 0, 1, 1]
    assert component_boxes(torch.stack([one, one]), 0.5).tolist() == [[0, 0, 1, 1]] * 2


@settings(deadline=None, max_examples=150)
@given(
    st.integers(1, 4),
    st.integers(1, 7),
    st.integers(1, 7),
    st.integers(0, 2**31),
    st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]),
    st.sampled_from(["maximum", "range"]),
)
def test_against_a_search_pixel_by_pixel(count, height, width, seed, threshold, of):
    chance = torch.Generator().manual_seed(seed)
    maps = torch.randint(-3, 4, (count, height, width), generator=chance).float()
    cut = shares(maps, of)
    small, largest = smallest_boxes(cut, threshold).tolist(), component_boxes(cut, threshold).tolist()
    for number in range(count):
        low, high = maps[number].min().item(), maps[number].max().item()
        level = threshold * high if of == "maximum" else low + threshold * (high - low)
        above = {(y, x) for y in range(height) for x in range(width) if maps[number, y, x] >= level - 1e-6}
        if of == "maximum" and high <= 0:
            above = set()
        assert small[number] == around(above)
        groups = grown(above)
        most = max(map(len, groups), default=0)
        assert largest[number] == around(next((group for group in groups if len(group) == most), set()))


def around(pixels):
    if not pixels:
        return [0, 0, 0, 0]
    ys, xs = zip(*pixels, strict=True)
    return [min(xs), min(ys), max(xs) + 1, max(ys) + 1]


def grown(pixels):
    """Connected groups, each from its first pixel row by row."""
    left, groups = set(pixels), []
    for start in sorted(pixels):
        if start not in left:
            continue
        group, edge = set(), [start]
        left.discard(start)
        while edge:
            y, x = edge.pop()
            group.add((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            edge += near
        groups.append(group)
    return groups
