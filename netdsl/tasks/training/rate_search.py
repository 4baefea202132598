"""A search for the learning rate: it grows from batch to batch until the loss runs away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from netdsl.data import Batch, shuffled
from netdsl.record import Record, record
from netdsl.tasks.engine.guards import determinism, diverged, memory
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent, Watch
from netdsl.tasks.training.prepare import prepare
from netdsl.tasks.training.rehearsal import one_step, training_of
from netdsl.tasks.training.training import Training

FIRST_RATE, LAST_RATE = 1e-6, 10.0
RATES = 200
SMOOTHING = 0.95
"""How much of the mean loss stays in a step of the search."""
TOO_FAR = 4
"""The search ends where the mean loss is so many times the lowest."""
FALLEN = 0.95
"""Share of its whole fall after which the loss counts as low; behind it the curve is often flat."""
BELOW = 10
"""The suggestion is so many times lower than the rate where the loss is low first."""
PICTURE = "lr-finder.png"


@dataclass(frozen=True, slots=True)
class RateSearch:
    """Mean loss at each learning rate, smoothed.

    `suggestion` is a first rate to try, a tenth of the one where the loss is low.
    """

    net: str
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float
    lowest: float
    """The rate with the lowest mean loss."""
    end: float | None
    """The rate at which the loss ran away; None when it never did."""
    picture: Path


def find_lr(config: TrainConfig, watch: Watch | None = None) -> RateSearch:
    """Train a few batches with a learning rate that grows from each to the next, and see where the loss falls.

    Source: Smith, arXiv:1506.01186, section 3.3, the range test; growing by a factor, since only the order of magnitude
    is not known. The loss is smoothed, and the search ends where it runs away.
    """
    watch = watch or Silent()
    out = config.out
    prepared = prepare(replace(config, out=None), watch)
    lr = replace(prepared.method.optimizer, lr=LAST_RATE)
    rising: Any = Rising()  # none of a recipe's schedules
    method = replace(prepared.method, optimizer=lr, schedule=rising, warmup=0.0, ema=None)
    rates: list[float] = []
    losses: list[float] = []
    mean, end = 0.0, None
    with determinism(method.deterministic), memory():
        training = training_of(prepared, method)
        training.train_mode()
        for number, batch in enumerate(_endless(training)):
            loss = one_step(training, batch)
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            smooth = mean / (1 - SMOOTHING ** (number + 1))
            if not isfinite(smooth) or (losses and smooth > TOO_FAR * min(losses)):
                end = training.stepper.lr
                watch.progress("learning rates", RATES, RATES)
                break
            rates.append(training.stepper.lr)
            losses.append(smooth)
            watch.progress("learning rates", number + 1, RATES)
            if number + 1 == RATES:
                break
    if not rates:
        diverged(1, 1, RATES, FIRST_RATE)
    lowest = rates[losses.index(min(losses))]
    low = losses[0] - FALLEN * (losses[0] - min(losses))
    first_low = next(rate for rate, loss in zip(rates, losses, strict=True) if loss <= low)
    picture = (out or Path()) / PICTURE
    found = RateSearch(
        prepared.network.name, tuple(rates), tuple(losses), _rounded(first_low / BELOW), lowest, end, picture
    )
    _draw(found, f"{found.net} on {prepared.config.data}")
    return found


@record
class Rising(Record):
    """A schedule only for the search: from the first to the last rate by equal factors."""

    def scale(self, step: int, steps: int, epochs: int, losses: object = ()) -> float:
        return float((FIRST_RATE / LAST_RATE) ** (1 - min(step, RATES - 1) / (RATES - 1)))


def _endless(training: Training) -> Iterator[Batch]:
    while True:
        yield from shuffled(training.train, training.method.batch, training.order)


def _rounded(rate: float) -> float:
    """To one digit: the search finds no more."""
    return float(f"{rate:.0e}")


def _draw(found: RateSearch, title: str) -> None:
    from netdsl.tasks.training.rate_picture import save_rates  # here: matplotlib takes a while to load

    with whole(found.picture, make_folder=True) as beside:
        save_rates(found.rates, found.losses, found.suggestion, title, beside)
