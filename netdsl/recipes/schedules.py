"""How the learning rate goes on from the first: each schedule gives what it is multiplied by in a batch.

Batches are counted from 0 through the whole run, so that a shorter run keeps the shape. A length (`every`, `warmup`) is
in epochs from 1 on; below 1 it is a share of the run, 10% or 1/10.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import cos, pi, prod
from typing import Any

from netdsl.recipes.arguments import argument, below_one, count, items, number, positive, wrong
from netdsl.record import Record, record

THRESHOLD = 1e-4
"""By how much of itself a loss must fall to count as lower: torch's default in ReduceLROnPlateau."""


def batches(length: float, steps: int, epochs: int, times: int = 1) -> float:
    """So many lengths of the run in batches. Five times 10% are 50% to the bit, so half a batch rounds as in Step."""
    return round(times * length, 12) * steps / (epochs if length >= 1 else 1)


def _shares(name: str, value: Any) -> tuple[float, ...]:
    expected = "rising shares of the run, each above 0 and below 1, such as [50%, 75%]"
    at = [number(name, share, expected, lambda n: 0 < n < 1) for share in items(value)]
    if not at or at != sorted(set(at)):
        wrong(name, expected, value)
    return tuple(at)


def _factors(name: str, value: Any) -> tuple[float, ...]:
    expected = "a number above 0, or one for each share"
    return tuple(number(name, factor, expected, lambda n: n > 0) for factor in items(value))


@record
class Step(Record):
    """The rate is multiplied by the next factor each time a share of the run is over; no shares: constant."""

    at: tuple[float, ...] = argument((2 / 3,), _shares)
    factor: tuple[float, ...] = argument((0.1,), _factors)

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        """What the first learning rate is multiplied by in batch number `step` (from 0) of `steps`."""
        passed = bisect_right([round(share * steps) for share in self.at], step)
        return prod(self.factor[:passed])


@record
class Exponential(Record):
    """The rate is multiplied by `factor` after each `every`. Inception v3: by 0.94 every 2 epochs."""

    every: float = positive(2)
    factor: float = positive(0.94)

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        return self.factor ** _passed(self.every, step, steps, epochs)


@record
class Halve(Record):
    """The rate is halved after each `every`."""

    every: float = positive(0.1)

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        return 0.5 ** _passed(self.every, step, steps, epochs)


@record
class Cosine(Record):
    """Half a cosine, from the first rate down to 0 at the end. Source: Loshchilov & Hutter, arXiv:1608.03983, eq. 5"""

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        return (1 + cos(pi * step / steps)) / 2


@record
class Plateau(Record):
    """The rate is multiplied by `factor` when the training loss was no lower for more than `patience` epochs."""

    factor: float = below_one(0.1)
    patience: int = argument(10, count)

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        """`losses`: the mean training loss of each epoch that is over."""
        best, waited, drops = float("inf"), 0, 0
        for loss in losses:
            best, waited = (loss, 0) if loss < best * (1 - THRESHOLD) else (best, waited + 1)
            if waited > self.patience:
                waited, drops = 0, drops + 1
        return self.factor**drops


def _passed(length: float, step: int, steps: int, epochs: int) -> int:
    """How many such lengths are over before this batch, each ending at the nearest whole batch, as Step's shares do."""
    passed = int(step / batches(length, steps, epochs)) + 1
    while round(batches(length, steps, epochs, passed)) > step:
        passed -= 1
    return passed


@record
class Constant(Record):
    """The rate stays as it is."""

    def scale(self, step: int, steps: int, epochs: int = 1, losses: Sequence[float] = ()) -> float:
        return 1


Schedule = Step | Exponential | Halve | Cosine | Plateau | Constant
SCHEDULES: Mapping[str, type[Schedule]] = {
    "step": Step,
    "halve": Halve,
    "exponential": Exponential,
    "cosine": Cosine,
    "plateau": Plateau,
    "constant": Constant,
}


def read_step(given: Step) -> Step:
    """One factor for all shares, or one each."""
    factors = given.factor * len(given.at) if len(given.factor) == 1 else given.factor
    if len(factors) != len(given.at):
        wrong("factor", f"one number, or {len(given.at)} of them as in `at`", list(factors))
    return Step(given.at, factors)
