"""How long painting with a trained net takes, while it does: a bar on a terminal, else a line now and then."""

import time
from typing import TYPE_CHECKING

from . import output
from .progress import clock
from .step_display import QUIET

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SOON = 1.0
"""Seconds before a bar appears: most pictures are done by then."""


class Counted:
    """`with Counted("frame") as counted: counted(3, 250)`; the total may be unknown. With no word, a share is told."""

    def __init__(self, word: str = "") -> None:
        self._word = word
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._started = self._said = time.perf_counter()

    def __enter__(self) -> "Counted":
        return self

    def __exit__(self, *trouble: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int | None) -> None:
        now = time.perf_counter()
        if output.err.is_terminal and now - self._started >= SOON:
            self._shown(done, total, now)
        elif not output.err.is_terminal and now - self._said >= QUIET:
            self._said = now
            text = f"painting  {self._text(done, total)}  {clock(now - self._started)}"
            output.err.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)

    def _shown(self, done: int, total: int | None, now: float) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("painting"), BarColumn(bar_width=20), TimeRemainingColumn())
            self._bar = Progress(*columns, TextColumn("{task.fields[text]}"), console=output.err, transient=True)
            self._task = self._bar.add_task("", total=total, text="")
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total, text=self._text(done, total))

    def _text(self, done: int, total: int | None) -> str:
        if not self._word:
            return f"{done / max(1, total or 1):.0%}"
        return f"{self._word} {done:,}" + (f" of {total:,}" if total is not None else "")
