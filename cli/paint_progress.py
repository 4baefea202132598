"""How painting looks while it goes on: a bar with the three losses on a terminal, else a line now and then."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import output
from .progress import clock

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from netdsl.style.fit import Step
    from netdsl.style.plan import Plan
    from netdsl.style.settings import Settings

QUIET = 10.0
"""Seconds between lines where nobody watches."""


class PaintDisplay:
    """A `stylize.Watch`. `kept` says after which steps the picture is written, and where."""

    def __init__(self, kept: dict[int, Path], settings: "Settings") -> None:
        self._kept, self._settings = kept, settings
        self._plan: Plan | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._started = self._said = time.perf_counter()

    def __enter__(self) -> "PaintDisplay":
        return self

    def __exit__(self, *trouble: object) -> None:
        self._close()

    def say(self, message: str) -> None:
        output.err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)

    def plan(self, plan: "Plan") -> None:
        self._close()
        self._plan = plan
        self._started = self._said = time.perf_counter()
        sizes = ", ".join(f"{size}" for size in plan.sizes)
        self.say(f"{plan.steps:,} steps at {sizes} pixels, {plan.precision}: about {clock(plan.seconds)}")
        if output.err.is_terminal:
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[text]}"))
            self._bar = Progress(*columns, console=output.err, transient=True)
            # A step costs as its pixels do, so the bar counts those.
            total = sum(size**2 for size in plan.sizes) * plan.steps // len(plan.sizes)
            self._task = self._bar.add_task("", total=total, text="")
            self._bar.start()

    def step(self, done: int, size: int, step: "Step") -> None:
        from netdsl.style.settings import save
        from netdsl.style.sources import as_picture

        assert self._plan is not None
        if done in self._kept:
            save(as_picture(step.picture), self._kept[done], self._settings)
        text = f"content {step.content:.4g}  style {step.style:.4g}  tv {step.variation:.4g}"
        now = time.perf_counter()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=size**2, description=f"{done}/{self._plan.steps}", text=text)
        elif now - self._said >= QUIET or done == self._plan.steps:
            self._said = now
            self.say(f"step {done}/{self._plan.steps}  {size} px  {text}  {clock(now - self._started)}")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
