"""Pools, starting with VGG's, AlexNet's and GoogLeNet's."""

import pytest

from .making import codes, early_problems, fmap, make


def test_vggs_pool_halves_the_map() -> None:
    x = fmap("64x224x224")
    pool = make("P", x)
    assert (pool.code, str(pool.output(x)), pool.params(x), pool.macs(x)) == ("P2", "64x112x112", 0, 0)
    assert make("M", x) == make("MP", x) == make("max_pool", x, kernel_size=2) == pool


@pytest.mark.parametrize(
    ("word", "x", "given", "output", "code"),
    [
        ("P", "96x55x55", {"kernel_size": 3, "stride": 2}, "96x27x27", "P3/2"),
        ("P", "64x112x112", {"kernel_size": 3, "stride": 2, "padding": "same"}, "64x56x56", "P3/2s"),
        ("P", "192x28x28", {"kernel_size": 3, "stride": 1, "padding": "same"}, "192x28x28", "P3/1s"),
        ("P", "64x112x112", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, "64x56x56", "P3/2c"),
        ("A", "512x14x14", {"kernel_size": 5, "stride": 3}, "512x4x4", "A5/3"),
        ("A", "64x8x8", {"kernel_size": 8}, "64x1x1", "A8"),
        ("P", "8x16x16x16", {"kernel_size": 2, "padding": (0, 1, 1)}, "8x8x9x9", "P2p0x1x1"),
        ("P", "8x16", {"kernel_size": 3, "dilation": 2, "stride": 1}, "8x12", "P3/1d2"),
        ("P", "8x16x16", {"kernel_size": (2, 1)}, "8x8x16", "P2x1"),
        ("P", "8x16x16", {"kernel_size": 1, "stride": 2}, "8x8x8", "P1/2"),
    ],
)
def test_sizes_and_codes(word: str, x: str, given: dict[str, object], output: str, code: str) -> None:
    pool = make(word, fmap(x), **given)
    assert (str(pool.output(fmap(x))), pool.code) == (output, code)


def test_an_average_that_leaves_the_padding_out() -> None:
    x = fmap("8x8x8")
    pool = make("A", x, kernel_size=3, stride=2, padding=1, count_padding=False)
    assert pool.code == "avg_pool(3, stride=2, padding=1, count_padding=false)"
    assert pool.lower(x).count_include_pad is False


@pytest.mark.parametrize(("x", "output"), [("1024x7x7", "1024x1x1"), ("8x5", "8x1"), ("8x4x5x6", "8x1x1x1")])
def test_global_average(x: str, output: str) -> None:
    pool = make("G", fmap(x))
    assert (str(pool.output(fmap(x))), pool.reach(fmap(x)), pool.code) == (output, "whole map", "G")
    assert make("GAP", fmap(x)) == pool


def test_a_kernel_larger_than_its_input() -> None:
    x = fmap("8x7x7")
    (problem,) = make("A", x, kernel_size=8).problems(x)
    assert (problem.code, problem.help) == ("NET304", "write `A7`, a kernel that fits")


def test_ceil_mode_lets_a_window_hang_over_the_end() -> None:
    x = fmap("8x2x2")
    assert codes(make("P", x, kernel_size=3, stride=2).problems(x)) == ["NET304"]
    assert make("P", x, kernel_size=3, stride=2, ceil_mode=True).output(x).size == (1, 1)


def test_padding_of_more_than_half_the_kernel() -> None:
    x = fmap("8x7x7")
    (problem,) = make("P", x, padding=2).problems(x)
    assert (problem.code, problem.expected, problem.replacement) == ("NET306", "a padding of at most 1", "P2p1")


def test_half_padding_of_an_even_kernel() -> None:
    (problem,) = early_problems("P", fmap("8x8x8"), padding="same")
    assert (problem.code, problem.replacement) == ("NET305", "P2")


def test_an_odd_map_halved_loses_its_last_row_and_column() -> None:
    x = fmap("64x7x7")
    (warning,) = make("P", x).warnings(x)
    assert warning.code == "NET350"
    assert warning.found == "1 row and 1 column at the end of the input, 64x7x7, in no window"
    assert warning.help == "write `P2c` (output 64x4x4 in place of 64x3x3)"


@pytest.mark.parametrize(
    ("x", "kernel_size", "stride"), [("96x55x55", 3, 2), ("512x14x14", 5, 3), ("64x8x8", 8, 8), ("64x8x8", 1, 2)]
)
def test_no_warning_where_the_windows_reach_the_end(x: str, kernel_size: int, stride: int) -> None:
    assert not list(make("P", fmap(x), kernel_size=kernel_size, stride=stride).warnings(fmap(x)))


def test_only_unpadded_pools_pass_a_mean() -> None:
    x = fmap("8x8x8")
    assert make("A", x).passes_mean
    assert make("G", x).passes_mean
    assert not make("A", x, kernel_size=3, padding=1).passes_mean


def test_max_pooling_keeps_an_int64_for_each_maximum() -> None:
    x = fmap("64x112x112")
    assert make("P", x).scratch_bytes(x) == 8 * 64 * 56 * 56
