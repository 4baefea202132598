"""How restoring looks while it goes on: loss and time behind a bar, or in a line now and then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import output
from .progress import clock
from .step_display import StepDisplay

if TYPE_CHECKING:
    from PIL import Image

    from netdsl.style.prior.restore import Plan


class PriorDisplay(StepDisplay):
    """A `netdsl.style.prior.restore.Watch`."""

    def plan(self, plan: "Plan") -> None:
        width, height = plan.size
        factor = self._settings.factor if self._settings.task == "enlarge" else 1
        if (width, height) != tuple(side * factor for side in plan.own):
            own = "x".join(map(str, plan.own))
            self.say(f"the picture of {own} is reduced first; --size N keeps more of it, and takes longer")
        time_needed = f"about {clock(plan.seconds)}"
        self.say(f"{self._settings.task} to {width}x{height}, {plan.steps:,} steps, {plan.precision}: {time_needed}")
        if output.err.is_terminal:
            from rich.progress import TimeRemainingColumn

            self._begin(plan.steps, plan.steps, TimeRemainingColumn())
        else:
            self._begin(plan.steps, plan.steps)

    def step(self, number: int, loss: float, psnr: float | None, picture: "Callable[[], Image.Image]") -> None:
        self._show(number, picture, f"loss {loss:.4g}" + (f"  PSNR {psnr:.2f} dB" if psnr is not None else ""))
