"""Commands in processes of their own."""

import signal
import subprocess
from contextlib import suppress
from typing import AnyStr


def interrupted(process: "subprocess.Popen[AnyStr]") -> tuple[AnyStr, AnyStr]:
    """What a process says to Ctrl-C, pressed again where nothing happens.

    Python sees a signal that comes right before a read begins only behind the read. A process that does not end is
    killed, so that nothing waits for it.
    """
    try:
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=20)
        raise AssertionError("Ctrl-C does not end it")
    finally:
        process.kill()
