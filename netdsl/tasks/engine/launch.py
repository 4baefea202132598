"""Several processes of this machine for one run, one a device, started and watched by torch's own launcher."""

import logging
import os
import sys
from collections.abc import Sequence

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

THREADS = "OMP_NUM_THREADS"
SIGNALLED = 128  # a shell's exit code for a signal, before the signal's number


def launch(devices: int, words: Sequence[str]) -> int:
    """Run `netdsl words...` in so many processes; gives the exit code of the first that failed, else 0.

    When one fails, the others are ended. Each gets its part of the processor's threads. torchrun does the same over
    many machines.
    """
    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)  # the processes speak for themselves
    os.environ.setdefault(THREADS, str(max(1, (os.cpu_count() or 1) // devices)))
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=devices,
        run_id="netdsl",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        shutdown_timeout=60,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "netdsl", *words)
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        return failure.exitcode if failure.exitcode > 0 else SIGNALLED - failure.exitcode
    except SignalException as stop:
        return SIGNALLED + stop.sigval
    return 0


def is_one_of_several() -> bool:
    """Was this process started by a launcher?"""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def is_first() -> bool:
    """The process that speaks."""
    return os.environ.get("RANK", "0") == "0"
