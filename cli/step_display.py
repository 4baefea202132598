"""How a fit looks while it goes on: a bar on a terminal, else a line now and then. All on stderr."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from . import output
from .progress import clock

if TYPE_CHECKING:
    from PIL import Image
    from rich.progress import Progress, ProgressColumn, TaskID

QUIET = 10.0
"""Seconds between lines where nobody watches."""


class StepDisplay:
    """What painting and restoring have in common.

    `kept` says after which steps the picture is written, and where; `save` writes it with the settings.
    """

    def __init__(self, kept: dict[int, Path], settings: Any, save: "Callable[[Image.Image, Path, Any], None]") -> None:
        self._kept, self._settings, self._save = kept, settings, save
        self._steps = self._done = 0
        self._picture: Callable[[], Image.Image] | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._started = self._said = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self._close()

    def say(self, message: str) -> None:
        output.err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)

    def write_unfinished(self, path: Path, settings: Any) -> None:
        """After Ctrl-C: minutes of work are not thrown away."""
        self._close()
        if self._picture is None:
            self.say("stopped before the first step: nothing is written")
            return
        picture = self._picture()
        self._save(picture, path, settings)
        size = f"{picture.width}x{picture.height}"
        self.say(f"stopped after {self._done:,} of {self._steps:,} steps: {path} is the picture so far, {size}")

    def _begin(self, steps: int, total: int, *columns: "ProgressColumn") -> None:
        """So many steps follow, a bar's length together; `columns` stand behind the bar."""
        self._close()
        self._steps = steps
        self._started = self._said = time.perf_counter()
        if output.err.is_terminal:
            from rich.progress import BarColumn, Progress, TextColumn

            first = TextColumn("{task.description}"), BarColumn(bar_width=20)
            self._bar = Progress(
                *first, *columns, TextColumn("{task.fields[text]}"), console=output.err, transient=True
            )
            self._task = self._bar.add_task("", total=total, text="")
            self._bar.start()

    def _show(
        self, step: int, picture: "Callable[[], Image.Image]", text: str, length: int = 1, where: str = ""
    ) -> None:
        """A step is done, `length` of the bar, with what the result would be; `where` stands before a line's text."""
        self._done, self._picture = step, picture
        if step in self._kept:
            self._save(picture(), self._kept[step], self._settings)
        now = time.perf_counter()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=length, description=f"{step}/{self._steps}", text=text)
        elif now - self._said >= QUIET or step == self._steps:
            self._said = now
            self.say(f"step {step}/{self._steps}  {where}{text}  {clock(now - self._started)}")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
