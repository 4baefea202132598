"""A run's figures as TensorBoard reads them, in the run folder beside metrics.csv, which stays the record."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from netdsl.diagnostics import fail
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.run_folder import RunFolder

FOLDER = "tensorboard"
EVENTS = "events.out.tfevents.*"


def check_tensorboard() -> None:
    """Reports NET596 where the package is missing, before anything else takes time."""
    if find_spec("tensorboard") is None:
        fail(
            "NET596",
            "`--tensorboard` needs a package that is not installed",
            expected="the package tensorboard",
            found="none",
            note="install it: pip install 'netdsl[tensorboard]'; metrics.csv and curves.png are written without it",
        )


@contextmanager
def logging_to(
    folder: RunFolder | None, history: Sequence[Epoch], wanted: bool | None
) -> Iterator[Callable[[Epoch], None]]:
    """What is called with each epoch that is complete; it writes nothing in a process without a folder, or unasked.

    Errors: NET551
    """
    if folder is None or not wanted:
        yield lambda epoch: None
        return
    with folder.guarded(FOLDER):
        log = TensorBoardLog(folder.path, history)

    def add(epoch: Epoch) -> None:
        with folder.guarded(FOLDER):
            log.add(epoch)

    try:
        yield add
    finally:
        with folder.guarded(FOLDER):
            log.close()


class TensorBoardLog:
    """Scalars by epoch: loss and error of each split in one chart, the learning rate, seconds."""

    def __init__(self, run: Path, history: Sequence[Epoch]) -> None:
        """A run that goes on is written anew, so that a killed one has every epoch once. Raises OSError."""
        from torch.utils.tensorboard import SummaryWriter  # here: it takes a second to load

        folder = run / FOLDER
        for old in folder.glob(EVENTS):
            old.unlink()
        self._writer: Any = SummaryWriter(str(folder))
        for epoch in history:
            self._write(epoch)
        self._writer.flush()

    def add(self, epoch: Epoch) -> None:
        self._write(epoch)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    def _write(self, epoch: Epoch) -> None:
        for what in ("loss", "error"):
            for split in ("train", "test", "valid"):
                value = getattr(epoch, f"{split}_{what}")
                if value is not None:
                    self._writer.add_scalar(f"{what}/{split}", value, epoch.epoch)
        self._writer.add_scalar("learning rate", epoch.lr, epoch.epoch)
        self._writer.add_scalar("seconds", epoch.seconds, epoch.epoch)
