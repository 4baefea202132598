"""Schedules batch by batch, against torch's own."""

import pytest
import torch
from torch.optim import lr_scheduler

from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.schedules import Constant, Cosine, Exponential, Halve, Plateau, Step

IN_EPOCH = 7  # batches


def rates(schedule, epochs, losses=(), **method):
    made = Method(Sgd(0.1), epochs=epochs, schedule=schedule, **method)
    steps = IN_EPOCH * epochs
    return [made.lr(step, steps, losses[: step // IN_EPOCH]) for step in range(steps)]


def torchs(make, count, each=lambda scheduler, step: scheduler.step()):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler, found = make(optimizer), []
    for step in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        each(scheduler, step)
    return found


@pytest.mark.parametrize("every", [1, 2, 8])
def test_exponential_is_step_lr_epoch_by_epoch(every):
    expected = torchs(lambda o: lr_scheduler.StepLR(o, every, 0.94), 20)
    assert rates(Exponential(every, 0.94), 20)[::IN_EPOCH] == pytest.approx(expected)
    assert rates(Exponential(every, 0.94), 20)[IN_EPOCH - 1 :: IN_EPOCH] == pytest.approx(expected)


def test_exponential_in_half_epochs():
    steps = [n for n in range(1, 28) if rates(Exponential(1.5, 0.5), 4)[n] < rates(Exponential(1.5, 0.5), 4)[n - 1]]
    assert steps == [round(10.5), 21]


@pytest.mark.parametrize("steps", [20, 250, 781, 97_750])
def test_halving_each_tenth_of_the_run_is_the_thesiss_list(steps):
    tenths = Step(tuple(n / 10 for n in range(1, 10)), (0.5,) * 9)
    places = {min(steps - 1, round(steps * n / 10) + d) for n in range(10) for d in (-1, 0, 1)} - {-1}
    assert all(Halve(0.1).scale(n, steps, 250) == tenths.scale(n, steps, 250) for n in places)


def test_halving_in_epochs():
    assert rates(Halve(3), 7)[::IN_EPOCH] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]


def test_a_period_longer_than_the_run():
    assert set(rates(Halve(50), 3)) == {0.1}


def test_cosine():
    expected = torchs(lambda o: lr_scheduler.CosineAnnealingLR(o, 10 * IN_EPOCH), 10 * IN_EPOCH)
    assert rates(Cosine(), 10) == pytest.approx(expected)


@pytest.mark.parametrize("patience", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_plateau(seed, patience):
    generator = torch.Generator().manual_seed(seed)
    losses = (torch.rand(40, generator=generator) / torch.arange(1, 41).sqrt()).tolist()
    expected = torchs(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=patience),
        40,
        lambda scheduler, step: scheduler.step(losses[step]),
    )
    found = rates(Plateau(0.5, patience), 40, losses)[::IN_EPOCH]
    assert found == pytest.approx(expected)
    assert found[-1] < 0.1


def test_warm_up_is_torchs_linear_one():
    steps = 2 * IN_EPOCH
    expected = torchs(lambda o: lr_scheduler.LinearLR(o, 1 / steps, total_iters=steps - 1), 5 * IN_EPOCH)
    assert rates(Constant(), 5, warmup=2) == pytest.approx(expected)


def test_warm_up_goes_with_any_schedule():
    plain, warmed = rates(Cosine(), 10), rates(Cosine(), 10, warmup=0.2)
    assert warmed[2 * IN_EPOCH - 1 :] == plain[2 * IN_EPOCH - 1 :]
    assert warmed[0] == pytest.approx(plain[0] / (2 * IN_EPOCH))
