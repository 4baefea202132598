"""How painting looks while it goes on: the three losses behind a bar, or in a line now and then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .progress import clock
from .step_display import StepDisplay

if TYPE_CHECKING:
    from PIL import Image

    from netdsl.style.iterative.fit import Step
    from netdsl.style.iterative.plan import Plan


class PaintDisplay(StepDisplay):
    """A `netdsl.style.iterative.paint.Watch`."""

    def plan(self, plan: "Plan") -> None:
        sizes = ", ".join(f"{size}" for size in plan.sizes)
        self.say(f"{plan.steps:,} steps at {sizes} pixels, {plan.precision}: about {clock(plan.seconds)}")
        # A step costs as its pixels do, so the bar counts those.
        self._begin(plan.steps, sum(size**2 for size in plan.sizes) * plan.steps // len(plan.sizes))

    def step(self, done: int, size: int, step: "Step", picture: "Callable[[], Image.Image]") -> None:
        text = f"content {step.content:.4g}  style {step.style:.4g}  tv {step.variation:.4g}"
        self._show(done, picture, text, size**2, f"{size} px  ")
