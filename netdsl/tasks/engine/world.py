"""The processes that train one net together, each on its share of every batch; one alone is a world too.

torchrun, or `launch`, starts them and says in the environment who is who.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from netdsl.diagnostics import fail

T = TypeVar("T")
TIMEOUT = timedelta(minutes=5)
"""How long a process waits for the others: longer than the slowest of them checks its data or writes a checkpoint."""


@dataclass(slots=True)
class World:
    """`rank` counts all processes from 0, `place` those of this machine, `size` is how many there are."""

    rank: int = 0
    size: int = 1
    place: int = 0
    talk: Any = None
    """The group that decides things on the CPU."""

    def leave(self) -> None:
        """End the groups, and let go of them: one that is held beyond its end goes with the interpreter.

        Its threads are then ended with it, now and then by an abort.
        """
        dist.destroy_process_group()
        self.talk = None
        gc.collect()

    @property
    def first(self) -> bool:
        """The one that writes and speaks."""
        return self.rank == 0

    @property
    def together(self) -> bool:
        return self.size > 1

    def share(self, count: int) -> slice:
        """The images of a batch of so many that are this process's: as equal parts as there can be, in their order."""
        small, more = divmod(count, self.size)
        start = self.rank * small + min(self.rank, more)
        return slice(start, start + small + (self.rank < more))

    def sum(self, tensor: Tensor) -> Tensor:
        """Of all processes, in the tensor's place."""
        if self.together:
            dist.all_reduce(tensor)
        return tensor

    def any(self, *facts: bool | int) -> list[int]:
        """The largest that any process says of each fact."""
        votes = torch.tensor(facts, dtype=torch.int64)
        if self.together:
            dist.all_reduce(votes, dist.ReduceOp.MAX, self.talk)
        decided: list[int] = votes.tolist()
        return decided

    def copy(self, tensor: Tensor) -> None:
        """The first process's, in the tensor's place."""
        if self.together:
            dist.broadcast(tensor, 0)

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """A tensor of the CPU from each process, all of one form."""
        if not self.together:
            return [tensor]
        parts = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(parts, tensor, self.talk)
        return parts

    def told(self, value: T) -> T:
        """What the first process says."""
        if not self.together:
            return value
        said = [value]
        dist.broadcast_object_list(said, 0, self.talk)
        return said[0]


ALONE = World()


@contextmanager
def world_of(device_type: str, timeout: timedelta = TIMEOUT) -> Iterator[World]:
    """The world that the environment tells of, left in order.

    Errors: NET576 when another process of the run is gone, or is silent for longer than the timeout
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    backend = "nccl" if device_type == "cuda" else "gloo"
    place = int(os.environ.get("LOCAL_RANK", "0"))
    if backend == "nccl":
        torch.cuda.set_device(place)
    world = World(int(os.environ.get("RANK", "0")), size, place)
    try:
        dist.init_process_group(backend, timeout=timeout)
        world.talk = dist.new_group(backend="gloo", timeout=timeout) if backend == "nccl" else dist.group.WORLD
        yield world
        dist.barrier(world.talk)  # one that leaves while another still listens breaks the line
    except RuntimeError as error:
        if not _is_loss(error):
            raise
        fail(
            "NET576",
            "another process of this run is gone",
            expected=f"{size} processes, each answering within {timeout}",
            found=str(error).splitlines()[0],
            note="what it said last tells why; then go on with --resume",
        )
    finally:
        if dist.is_initialized():
            world.leave()


def _is_loss(error: RuntimeError) -> bool:
    """gloo and nccl have many words for a process that does not answer."""
    text = str(error).lower()
    words = ("connection closed", "connection reset", "connection refused", "timed out", "timeout", "broken pipe")
    return isinstance(error, dist.DistBackendError) or any(word in text for word in words)
