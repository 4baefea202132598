"""How restoring looks while it goes on: a bar with loss and time on a terminal, else a line now and then."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import output
from .progress import clock

if TYPE_CHECKING:
    from PIL import Image
    from rich.progress import Progress, TaskID

    from netdsl.style.prior.restore import Plan
    from netdsl.style.prior.settings import Settings

QUIET = 10.0
"""Seconds between lines where nobody watches."""


class PriorDisplay:
    """A `restore.Watch`. `kept` says after which steps the picture is written, and where."""

    def __init__(self, kept: dict[int, Path], settings: "Settings") -> None:
        self._kept, self._settings = kept, settings
        self._plan: Plan | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._started = self._said = time.perf_counter()

    def __enter__(self) -> "PriorDisplay":
        return self

    def __exit__(self, *trouble: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, message: str) -> None:
        output.err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)

    def plan(self, plan: "Plan") -> None:
        self._plan = plan
        width, height = plan.size
        factor = self._settings.factor if self._settings.task == "enlarge" else 1
        if (width, height) != tuple(side * factor for side in plan.own):
            own = "x".join(map(str, plan.own))
            self.say(f"the picture of {own} is reduced first; --size N keeps more of it, and takes longer")
        time_needed = f"about {clock(plan.seconds)}"
        self.say(f"{self._settings.task} to {width}x{height}, {plan.steps:,} steps, {plan.precision}: {time_needed}")
        self._started = self._said = time.perf_counter()
        if output.err.is_terminal:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TimeRemainingColumn())
            self._bar = Progress(*columns, TextColumn("{task.fields[text]}"), console=output.err, transient=True)
            self._task = self._bar.add_task("", total=plan.steps, text="")
            self._bar.start()

    def step(self, number: int, loss: float, psnr: float | None, picture: "Callable[[], Image.Image]") -> None:
        from netdsl.style.prior.settings import save

        assert self._plan is not None
        if number in self._kept:
            save(picture(), self._kept[number], self._settings)
        text = f"loss {loss:.4g}" + (f"  PSNR {psnr:.2f} dB" if psnr is not None else "")
        now = time.perf_counter()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, description=f"{number}/{self._plan.steps}", text=text)
        elif now - self._said >= QUIET or number == self._plan.steps:
            self._said = now
            self.say(f"step {number}/{self._plan.steps}  {text}  {clock(now - self._started)}")
