"""When a run is saved: after each epoch, every so many minutes, and when somebody stops it."""

import time

from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.run_folder import RunFolder
from netdsl.tasks.runs.state_file import remove_state, write_state
from netdsl.tasks.training.purpose import LABELS, Purpose
from netdsl.tasks.training.state import state_of
from netdsl.tasks.training.stop import Request, Stopped
from netdsl.tasks.training.training import Training

SAVE_SECONDS = 600.0


class Keeper:
    """Writes what a training has come to into its folder.

    The state goes first and holds all lines of metrics.csv: whatever is cut off after it, is written again from it.
    Of processes that train together the first has a folder; what one of them is asked, all do.
    """

    def __init__(
        self,
        folder: RunFolder | None,
        training: Training,
        request: Request,
        every: float = SAVE_SECONDS,
        purpose: Purpose = LABELS,
    ) -> None:
        self.folder, self.training, self.request, self.every = folder, training, request, every
        self.purpose = purpose
        self.world = training.world
        self._saved = time.monotonic()

    def after_batch(self) -> None:
        waited = time.monotonic() - self._saved
        asked, due = self.world.any(self.request.number or 0, self.world.first and waited >= self.every)
        if not asked and not due:
            return
        (spoilt,) = self.world.any(not self.training.sound)
        if not spoilt:  # else the state before is the last good one
            self.save()
        if asked:
            raise Stopped(asked)

    def after_epoch(self, epoch: Epoch) -> None:
        self.save()
        self._add()

    def stop_if_asked(self) -> None:
        """Between two epochs, with the last one in the folder."""
        (asked,) = self.world.any(self.request.number or 0)
        if asked and not self.training.complete:
            raise Stopped(asked)

    def write_again(self) -> None:
        """What follows from a state that was taken up, in case its process was killed before it could write it."""
        if self.training.batch == 0:
            self._add()

    def _add(self) -> None:
        if self.folder is not None:
            self.folder.add(self.training.history, self.training.module)

    def save(self) -> None:
        state = state_of(self.training)
        if self.folder is not None:
            with self.folder.guarded("the run's state"):
                write_state(self.folder.path, *state)
            self.purpose.saved(self.folder, self.training)
        self._saved = time.monotonic()

    def finish(self) -> None:
        """Every epoch is in the folder; the state has nothing left to say."""
        if self.folder is not None:
            self.folder.write_result(self.training.history)
            remove_state(self.folder.path)
