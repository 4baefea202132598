"""Stopping a run from outside, by Ctrl-C or a cluster's signal: between two batches, with the run saved."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A run that was asked to stop, and is saved. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Request:
    """Whether somebody asked, and by which signal."""

    def __init__(self) -> None:
        self.number: int | None = None


@contextmanager
def requests(told: Callable[[], None], patient: bool = False) -> Iterator[Request]:
    """The first signal is noted and `told` called; a second Ctrl-C stops at once, as if nobody listened.

    A `patient` one ignores the second: launchers send one behind a Ctrl-C that their processes have seen already.
    Signals come to the main thread alone; in another one nothing is changed.
    """
    request = Request()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if request.number is not None:
            if patient or number == signal.SIGTERM:
                return
            raise Stopped(number)
        request.number = number
        told()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
