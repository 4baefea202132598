"""Joins: inception's concatenation, a residual sum, squeeze and excitation."""

import pytest

from .making import fmap, make


def test_inception_3a_concatenates_to_256_channels() -> None:
    x = tuple(map(fmap, ("64x28x28", "128x28x28", "32x28x28", "32x28x28")))
    join = make("concat", x)
    assert (str(join.output(x)), join.code, join.is_join) == ("256x28x28", "concat", True)


def test_add_keeps_the_shape() -> None:
    x = (fmap("64x56x56"),) * 3
    assert make("add", x).output(x) == x[0]
    assert not list(make("add", x).problems(x))


def test_branches_of_different_shapes() -> None:
    x = (fmap("32x16x16"), fmap("16x32x32"))
    (problem,) = make("add", x).problems(x)
    assert (problem.code, problem.message) == ("NET301", "the branches of `add` have different shapes")
    assert (problem.expected, problem.found) == ("branches of one shape", "32x16x16 and 16x32x32")


@pytest.mark.parametrize(
    ("maps", "expected", "found"),
    [
        (("32x16x16", "16x32x32"), "branches of one height and width", "32x16x16 and 16x32x32"),
        (("8x4", "8x5", "8x4"), "branches of one size", "8x4 and 8x5"),
        (("8x4x4", "8x2x2", "8x1x1"), "branches of one height and width", "8x4x4, 8x2x2 and 8x1x1"),
        (("8x4x4", "8"), "branches of one size", "8x4x4 and 8"),
    ],
)
def test_branches_that_do_not_concatenate(maps: tuple[str, ...], expected: str, found: str) -> None:
    x = tuple(map(fmap, maps))
    (problem,) = make("concat", x).problems(x)
    assert (problem.code, problem.expected, problem.found) == ("NET301", expected, found)


@pytest.mark.parametrize("gate", ["256", "256x1x1", "256x56x56"])
def test_squeeze_and_excitation(gate: str) -> None:
    for x in ((fmap("256x56x56"), fmap(gate)), (fmap(gate), fmap("256x56x56"))):
        join = make("mul", x)
        assert not list(join.problems(x))
        assert join.output(x) == fmap("256x56x56")


@pytest.mark.parametrize("other", ["128x1x1", "1x56x56", "256x28x28", "256x56x1", "256x1"])
def test_nothing_else_broadcasts(other: str) -> None:
    x = (fmap("256x56x56"), fmap(other))
    (problem,) = make("mul", x).problems(x)
    assert (problem.code, problem.found) == ("NET301", f"256x56x56 and {other}")


def test_a_mean_passes_sums_and_concatenations_only() -> None:
    x = (fmap("8x4x4"),) * 2
    assert [make(word, x).passes_mean for word in ("add", "concat", "mul")] == [True, True, False]


def test_means_and_maxima_keep_the_shape_and_want_one() -> None:
    x = (fmap("16x8x8"),) * 2
    for word in ("mean", "max"):
        assert make(word, x).output(x) == x[0]
        (problem,) = make(word, x).problems((fmap("16x8x8"), fmap("8x8x8")))
        assert (problem.code, problem.expected) == ("NET301", "branches of one shape")


def test_a_gate_has_three_branches() -> None:
    x = (fmap("16x8x8"),) * 3
    assert not list(make("gate", x).problems(x))
    (problem,) = make("gate", x).problems(x[:2])
    assert (problem.code, problem.found) == ("NET206", "2 branches")


def test_slices_are_equal_and_concatenate_to_the_whole() -> None:
    from netdsl.layers.joins import Slice

    x = fmap("116x28x28")
    slices = tuple(Slice(i, 2).output(x) for i in range(2))
    assert slices == (fmap("58x28x28"),) * 2
    assert make("split", slices).output(slices) == x
    (problem,) = Slice(0, 3).problems(x)
    assert (problem.code, problem.found) == ("NET302", "116 channels")
