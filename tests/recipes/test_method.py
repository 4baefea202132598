"""Schedules as shares of the run, and what a method refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netdsl.diagnostics import DiagnosticsError
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.schedules import Constant, Step


def test_the_thesis_after_20_of_30_epochs():
    step = Step((2 / 3,), (0.1,))
    steps = 30 * 469
    assert step.scale(20 * 469 - 1, steps) == 1
    assert step.scale(20 * 469, steps) == 0.1
    assert step.scale(steps - 1, steps) == 0.1


def test_fewer_epochs_scale_it():
    step = Step((0.5, 0.75), (0.1, 0.5))
    assert [step.scale(n, 4) for n in range(4)] == [1, 1, 0.1, pytest.approx(0.05)]


def test_no_shares_mean_a_constant_rate():
    assert {Constant().scale(n, 10) for n in range(10)} == {1}


@given(st.integers(1, 1000), st.lists(st.floats(0.01, 0.99), max_size=4, unique=True).map(sorted))
def test_the_rate_only_falls(steps, at):
    step = Step(tuple(at), (0.1,) * len(at))
    scales = [step.scale(n, steps) for n in range(steps)]
    assert scales == sorted(scales, reverse=True)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": -1}, {"optimizer": Sgd(lr=0)}, {"optimizer": Sgd(lr=-1)}])
def test_numbers_out_of_range(wrong):
    with pytest.raises(DiagnosticsError) as caught:
        Method(**wrong)
    assert caught.value.diagnostics[0].code == "NET527"
