"""How training, downloads and other waits look: live on a terminal, else a line for each epoch. All on stderr."""

import time
from typing import TYPE_CHECKING

from . import output

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from netdsl.tasks.runs.metrics import Epoch
    from netdsl.tasks.setup.watch import Plan


class Display:
    """A `Watch` for a task. Use it in a `with`, so that the terminal is left in order."""

    def __init__(self) -> None:
        self.meter = DownloadMeter()
        self.plan: Plan | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._other: tuple[str, Progress, TaskID] | None = None
        self._started = self._epoch_started = time.perf_counter()

    def __enter__(self) -> "Display":
        return self

    def __exit__(self, *trouble: object) -> None:
        self.meter.close()
        self._close_other()
        if self._bar is not None:
            self._bar.stop()

    def say(self, message: str) -> None:
        output.err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)

    def start(self, plan: "Plan") -> None:
        recipe = f"recipe {plan.recipe}" if plan.recipe else "no recipe for this data, so the default one"
        for warning in plan.warnings:
            output.err.print(
                f"warning[{warning.code}]: {warning.message}", style="yellow", markup=False, soft_wrap=True
            )
        self.say(f"{plan.net} from {plan.file}, {recipe}")
        method = plan.method
        length = "1 epoch" if method.epochs == 1 else f"{method.epochs} epochs"
        times = f", each {method.passes} times an epoch" if method.passes > 1 else ""
        images = f"{plan.images // method.passes:,} images of {plan.data}{times}"
        self.say(f"{images}, {length}, batch {method.batch} -> {plan.run}")
        if plan.inherited is not None:
            from .inherited import show_inherited

            show_inherited(plan.inherited)
        self.plan = plan
        self._started = self._epoch_started = time.perf_counter()
        if output.err.is_terminal:
            self._bar = _bar()
            total = plan.method.epochs * plan.images
            self._task = self._bar.add_task("", total=total, completed=plan.done, text="")
            self._bar.start()

    def progress(self, what: str, done: int, total: int) -> None:
        """A bar of its own for each thing, gone when it is complete."""
        if self._other is None or self._other[0] != what:
            self._close_other()
            if not output.err.is_terminal or done >= total:
                return
            bar = _bar()
            self._other = what, bar, bar.add_task(what, total=total, text="")
            bar.start()
        _, bar, task = self._other
        bar.update(task, completed=done, text=f"{done:,} of {total:,}")
        if done >= total:
            self._close_other()

    def _close_other(self) -> None:
        if self._other is not None:
            self._other[1].stop()
        self._other = None

    def step(self, epoch: int, images: int, loss: float, error: float | None) -> None:
        if self._bar is None or self._task is None or self.plan is None:
            return
        now = time.perf_counter()
        done = (epoch - 1) * self.plan.images + images
        here = done - self.plan.done  # what this process has done
        left = (now - self._started) / max(1, here) * (self.plan.method.epochs * self.plan.images - done)
        speed = min(images, here) / max(1e-9, now - self._epoch_started)
        text = f"loss {loss:.4f}{_error(error)}  {speed:,.0f} images/s  {clock(left)} left"
        self._bar.update(self._task, completed=done, description=f"epoch {epoch}/{self.plan.method.epochs}", text=text)

    def epoch(self, epoch: "Epoch") -> None:
        assert self.plan is not None
        self._epoch_started = time.perf_counter()
        count = f"{epoch.epoch:>{len(str(self.plan.method.epochs))}}/{self.plan.method.epochs}"
        line = (
            f"epoch {count}  train loss {epoch.train_loss:.4f}{_error(epoch.train_error, ' ')}  "
            f"test loss {epoch.test_loss:.4f}{_error(epoch.test_error, ' ')}  lr {epoch.lr:.3g}  {epoch.seconds:.1f} s"
        )
        if epoch.valid_error is not None and epoch.valid_loss is not None:
            line += f"  valid loss {epoch.valid_loss:.4f} error {epoch.valid_error:6.2%}"
        output.err.print(line, markup=False, highlight=False, soft_wrap=True)

    def stopping(self) -> None:
        self.say("stopping after this batch, and saving; Ctrl-C again stops at once")

    def stopped(self, saved: bool) -> str:
        """What to say after Ctrl-C."""
        if self.plan is None:
            return "stopped before training began; nothing was written"
        what = "saved" if saved else "stopped at once"
        return f"{what}; go on with: netdsl train --resume {self.plan.run}"


class DownloadMeter:
    """Bytes of a download, as pooch drives it; shown on a terminal only."""

    def __init__(self) -> None:
        self.total = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def update(self, count: int) -> None:
        if not output.err.is_terminal:
            return
        if self._bar is None:
            from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

            columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=output.err, transient=True)
            self._task = self._bar.add_task("", total=self.total)
            self._bar.start()
        assert self._task is not None
        self._bar.update(self._task, advance=count)

    def reset(self) -> None:
        """pooch starts over to show a full bar at the end, which needs nothing here."""
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None


def clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _error(error: float | None, space: str = "  ") -> str:
    """Nothing where no output gives classes."""
    return "" if error is None else f"{space}error {error:6.2%}"


def _bar() -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[text]}"))
    return Progress(*columns, console=output.err, transient=True)
