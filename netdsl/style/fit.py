"""A picture fitted to a loss, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.style.objective import Losses

OPTIMIZERS = ("lbfgs", "adam")
HISTORY = 20
"""Steps that L-BFGS remembers; more take time at every step and gave no lower loss."""
SCALE = 1e6
"""The loss is multiplied with this for the optimizers: torch's L-BFGS skips steps whose curvature is under 1e-10."""
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
    """Each step of so many; the pictures are one tensor, changed in place. `start` stays as it is.

    A step is one evaluation of the loss and its gradient: L-BFGS without line search, as Gatys et al. use it.
    Errors: DiagnosticsError with NET657 when the loss is no number any more
    """
    picture = start.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
    found: list[Losses] = []

    def closure() -> Tensor:
        picture.grad = None
        found[:] = [losses(picture)]
        total = found[0].total * SCALE
        if total.requires_grad:
            total.backward()  # type: ignore[no-untyped-call]
        return total.detach()

    made = _optimizer(picture, optimizer, RATE[optimizer] if rate is None else rate)
    for number in range(1, steps + 1):
        made.step(closure)
        values = (float(found[0].content.detach()), float(found[0].style.detach()), float(found[0].variation.detach()))
        if not sum(values) < float("inf"):
            _diverged(number, steps, optimizer)
        yield Step(number, *values, picture.detach())


def _optimizer(picture: Tensor, name: str, rate: float) -> Any:
    if name == "adam":
        return torch.optim.Adam([picture], lr=rate)
    return torch.optim.LBFGS(
        [picture], lr=rate, max_iter=1, history_size=HISTORY, tolerance_grad=0.0, tolerance_change=0.0
    )


def _diverged(number: int, steps: int, optimizer: str) -> None:
    fail(
        "NET657",
        f"the loss is no number any more at step {number:,} of {steps:,}",
        expected="a finite loss",
        found=f"none, with {optimizer}",
        note="try --optimizer adam, smaller weights of the losses, or --precision fp32",
    )
