"""The optimizers on a loss whose lowest place is known."""

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.iterative.fit import FARTHEST, OPTIMIZERS, fit
from netdsl.style.iterative.objective import Losses

GOAL = torch.linspace(20, 230, 48).view(1, 3, 4, 4)


def bowl(picture):
    """Steeper along some numbers than others."""
    steep = torch.linspace(0.2, 5, 48).view(1, 3, 4, 4)
    zero = picture.new_zeros(())
    return Losses((steep * (picture - GOAL) ** 2).mean(), zero, zero)


@pytest.mark.parametrize(("optimizer", "steps"), [("lbfgs", 60), ("adam", 300)])
def test_the_lowest_place_is_found(optimizer, steps) -> None:
    start = torch.full_like(GOAL, 128.0)
    *_, last = fit(start, bowl, steps, optimizer)
    assert last.number == steps
    assert (last.picture - GOAL).abs().max() < 1
    assert torch.equal(start, torch.full_like(GOAL, 128.0))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_is_one_evaluation_of_what_was_there_before_it(optimizer) -> None:
    seen = []

    def counted(picture):
        seen.append(picture.detach().clone())
        return bowl(picture)

    for step in fit(torch.full_like(GOAL, 128.0), counted, 5, optimizer):
        assert len(seen) == step.number
        assert step.total == pytest.approx(float(bowl(seen[-1]).total))


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_the_first_step_of_lbfgs_does_not_know_how_large_the_loss_is(factor) -> None:
    """In a picture of many numbers, where torch's own first step would be lost in rounding."""
    start = torch.full((1, 3, 200, 200), 128.0)

    def far(picture):
        zero = picture.new_zeros(())
        return Losses(factor * (picture - 200).square().mean(), zero, zero)

    first, *_, last = fit(start, far, 9)
    assert first.picture.mean() == pytest.approx(129, abs=0.05)
    assert (last.picture - 200).abs().max() < 1


def test_no_step_goes_farther_than_allowed() -> None:
    """Where the slope says nothing of how far it is: a narrow valley, in which a whole step leads out of sight."""
    start = torch.linspace(0, 255, 300).view(1, 3, 10, 10)

    def waves(picture):
        zero = picture.new_zeros(())
        return Losses((picture / 9).sin().mean() + (picture / 200).square().square().mean() + 1, zero, zero)

    before = start
    for step in fit(start, waves, 30):
        assert (step.picture - before).abs().mean() < FARTHEST * 1.01
        before = step.picture
    assert step.total < float(waves(start).total)


def test_equal_beginnings_give_equal_bytes() -> None:
    ends = [list(fit(torch.full_like(GOAL, 9.0), bowl, 7))[-1].picture for _ in range(2)]
    assert torch.equal(*ends)


def test_a_picture_in_another_layout_is_fitted_too() -> None:
    start = torch.full_like(GOAL, 128.0).contiguous(memory_format=torch.channels_last)
    *_, last = fit(start, bowl, 3)
    assert last.picture.is_contiguous()


def test_no_number_any_more() -> None:
    def broken(picture):
        found = bowl(picture)
        return Losses(found.content * float("nan"), found.style, found.variation)

    with pytest.raises(DiagnosticsError) as caught:
        list(fit(torch.full_like(GOAL, 9.0), broken, 3))
    assert caught.value.diagnostics[0].code == "NET657"
