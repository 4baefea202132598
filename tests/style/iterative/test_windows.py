"""Tiles: every pixel belongs to one, and each sees its halo, as far as there is a picture."""

import pytest

from netdsl.style.iterative.windows import pieces, seen_share, windows


def test_an_axis_in_tiles() -> None:
    first, second, last = pieces(100, 48, 16, 16, 32)
    assert [(each.start, each.end) for each in (first, second, last)] == [(0, 32), (32, 80), (80, 100)]
    assert [each.seen for each in (first, second, last)] == [slice(0, 48), slice(16, 96), slice(64, 100)]
    assert [each.last for each in (first, second, last)] == [False, False, True]
    assert second.of_map(8) == slice(4, 10) and second.of_seen_map(8) == slice(2, 8)
    assert last.of_map(16) == slice(5, None) and last.of_seen_map(16) == slice(1, None)


def test_a_last_tile_without_a_place_of_its_own_belongs_to_the_one_before() -> None:
    assert [(each.start, each.end) for each in pieces(75, 32, 16, 16)] == [(0, 32), (32, 75)]
    assert [(each.start, each.end) for each in pieces(80, 32, 16, 16)] == [(0, 32), (32, 64), (64, 80)]


@pytest.mark.parametrize("shift", [(0, 0), (16, 0), (48, 32)])
def test_tiles_share_the_picture_out(shift) -> None:
    owners = [[0] * 90 for _ in range(130)]
    for window in windows((130, 90), 64, 32, 16, shift):
        assert window.rows.seen_from == max(0, window.rows.start - 32)
        assert window.columns.seen_to == min(90, window.columns.end + 32)
        for row in range(window.rows.start, window.rows.end):
            for column in range(window.columns.start, window.columns.end):
                owners[row][column] += 1
    assert {count for row in owners for count in row} == {1}


def test_what_is_seen_twice() -> None:
    assert seen_share((64, 64), 64, 16, 16) == 1
    assert seen_share((128, 64), 64, 16, 16) == pytest.approx(160 / 128)
