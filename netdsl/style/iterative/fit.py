"""A picture fitted to a loss, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.style.iterative.frequencies import Frequencies
from netdsl.style.iterative.objective import Losses

OPTIMIZERS = ("lbfgs", "adam")
HISTORY = 50
"""Steps that L-BFGS remembers; 20 ended 3 % higher after 150 steps, 100 no lower."""
SHORTEST, HISTORY_BYTES = 4, 2**31
"""Where they would take more than that, it remembers fewer: from 1.8 million pixels on."""
SCALE = 1e6
"""What the optimizers see as the first loss: torch's L-BFGS skips steps whose curvature is under 1e-10."""
EXPONENT = 0.5
"""Of the frequencies that L-BFGS's picture is made of: frequencies.py."""
FIRST = 1.0
"""How far L-BFGS's first step goes, a mean over all numbers of 0 to 255."""
FARTHEST = 20.0
"""No step of L-BFGS goes farther, in the same mean: where the loss is not convex a step without line search may."""
RATE = {"lbfgs": 1.0, "adam": 4.0}
"""Learning rates; Adam's is the step of a colour, of 0 to 255."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step found before it changed the picture, and the picture after it (1 x 3 x height x width)."""

    number: int
    content: float
    style: float
    variation: float
    picture: Tensor

    @property
    def total(self) -> float:
        return self.content + self.style + self.variation


def fit(
    start: Tensor,
    losses: Callable[[Tensor], Losses],
    steps: int,
    optimizer: str = "lbfgs",
    rate: float | None = None,
) -> Iterator[Step]:
    """Each step of so many. `start` stays as it is.

    A step is one evaluation of the loss and its gradient: L-BFGS without line search, as Gatys et al. use it, on the
    picture's frequencies. Its first step moves all numbers together by 1 in torch, which float32 rounds away in a
    picture of 0 to 255; so it gets them in a unit in which that is more than `FIRST` for each, and is held back.
    Errors: DiagnosticsError with NET657 when the loss is no number any more
    """
    space = _Space(start, optimizer)
    numbers = space.numbers(start.detach()).contiguous().requires_grad_()
    found: list[Losses] = []
    scale = 0.0

    def closure() -> Tensor:
        nonlocal scale
        numbers.grad = None
        found[:] = [losses(space.picture(numbers))]
        total = found[0].total
        scale = scale or SCALE / max(float(total.detach()), 1 / SCALE)
        if total.requires_grad:
            (total * scale).backward()  # type: ignore[no-untyped-call]
        return total.detach() * scale

    made = _optimizer(numbers, optimizer, RATE[optimizer] if rate is None else rate)
    picture = start.detach()
    for number in range(1, steps + 1):
        before, picture_before = numbers.detach().clone(), picture
        made.step(closure)
        with torch.no_grad():
            picture = space.picture(numbers.detach())
            if optimizer == "lbfgs":
                farthest = FIRST if number == 1 else FARTHEST
                share = farthest / float((picture - picture_before).abs().mean().clamp(min=1e-30))
                if share < 1:
                    _hold_back(made, numbers, before, share)
                    picture = space.picture(numbers.detach())
        values = (float(found[0].content.detach()), float(found[0].style.detach()), float(found[0].variation.detach()))
        if not sum(values) < float("inf"):
            _diverged(number, steps, optimizer)
        yield Step(number, *values, picture)


class _Space:
    """What an optimizer works on: the picture itself for Adam, its frequencies in a large unit for L-BFGS."""

    def __init__(self, start: Tensor, optimizer: str) -> None:
        self._frequencies: Frequencies | None = None
        if optimizer == "lbfgs":
            self._frequencies = Frequencies(start.shape[-2], start.shape[-1], EXPONENT, start.device)
            self._unit = 16 * FIRST * start.numel()

    def picture(self, numbers: Tensor) -> Tensor:
        return numbers.clone() if self._frequencies is None else self._frequencies.picture(numbers * self._unit)

    def numbers(self, picture: Tensor) -> Tensor:
        return picture.clone() if self._frequencies is None else self._frequencies.numbers(picture) / self._unit


def _optimizer(numbers: Tensor, name: str, rate: float) -> Any:
    if name == "adam":
        return torch.optim.Adam([numbers], lr=rate)
    history = history_of(numbers.numel())
    return torch.optim.LBFGS(
        [numbers], lr=rate, max_iter=1, history_size=history, tolerance_grad=0.0, tolerance_change=0.0
    )


def history_of(numbers: int) -> int:
    """Steps that L-BFGS remembers of so many float32 numbers: the way gone and the change of the gradient of each."""
    return max(SHORTEST, min(HISTORY, HISTORY_BYTES // (8 * numbers)))


def numbers_kept(optimizer: str, numbers: int) -> int:
    """How many float32 numbers are kept for each number that is fitted, the steps' own copies among them."""
    return 12 + 2 * history_of(numbers) if optimizer == "lbfgs" else 8


def _hold_back(made: Any, numbers: Tensor, before: Tensor, share: float) -> None:
    """Shorten the step just made to a share of it; L-BFGS learns from the step as it is then."""
    numbers.copy_(before + share * (numbers - before))
    made.state[numbers]["t"] *= share


def _diverged(number: int, steps: int, optimizer: str) -> None:
    fail(
        "NET657",
        f"the loss is no number any more at step {number:,} of {steps:,}",
        expected="a finite loss",
        found=f"none, with {optimizer}",
        note="try --optimizer adam, smaller weights of the losses, or --precision fp32",
    )
