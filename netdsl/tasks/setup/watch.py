"""What a task tells of its progress, and to whom: the command line shows it, a Python user may leave it out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from netdsl.data import Meter
from netdsl.diagnostics import Diagnostic
from netdsl.recipes.method import Method
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.setup.inherit import Inherited


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be trained. `images` is how many there are in an epoch."""

    run: Path
    net: str
    file: str
    """What the net was read from."""
    data: str
    recipe: str | None
    method: Method
    images: int
    warnings: tuple[Diagnostic, ...] = ()
    """What is probably wrong with the net."""
    done: int = 0
    """Images of all epochs that an earlier process trained on."""
    inherited: Inherited | None = None
    """The weights of another run or file that this one begins with."""


class Watch(Protocol):
    @property
    def meter(self) -> Meter | None:
        """Shows a download in bytes."""

    def say(self, message: str) -> None:
        """Something that takes longer has begun."""

    def start(self, plan: Plan) -> None:
        """Training begins."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Something that is no training goes on, such as a test: so many of all are done."""

    def step(self, epoch: int, images: int, loss: float, error: float | None) -> None:
        """So many images of the epoch are done; mean loss and error over them."""

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is complete, and in the run folder."""

    def stopping(self) -> None:
        """Somebody asked to stop; the run is about to be saved."""


class Silent:
    """A watch that shows nothing."""

    meter: Meter | None = None

    def say(self, message: str) -> None: ...

    def start(self, plan: Plan) -> None: ...

    def progress(self, what: str, done: int, total: int) -> None: ...

    def step(self, epoch: int, images: int, loss: float, error: float | None) -> None: ...

    def epoch(self, epoch: Epoch) -> None: ...

    def stopping(self) -> None: ...
