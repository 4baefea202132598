"""The trainings that a transfer experiment compares, and what they came to."""

from dataclasses import dataclass
from pathlib import Path

from netdsl.tasks.runs.run_folder import RESULT
from netdsl.tasks.setup.config import TrainConfig

BASE_A, BASE_B = "baseA", "baseB"
TREATMENTS = {"BnB": (BASE_B, True), "BnB+": (BASE_B, False), "AnB": (BASE_A, True), "AnB+": (BASE_A, False)}
"""Whose weights the lower layers begin with, and whether these stay as they are."""


@dataclass(frozen=True, slots=True)
class TransferRun:
    """One training of the experiment. `at` is the place up to which weights are taken; None for the two bases."""

    treatment: str
    at: str | None
    config: TrainConfig

    @property
    def path(self) -> Path:
        assert self.config.out is not None
        return self.config.out

    @property
    def complete(self) -> bool:
        return (self.path / RESULT).is_file()


@dataclass(frozen=True, slots=True)
class TransferRow:
    """What a run came to. `error` is a fraction of the test images, after the last epoch."""

    treatment: str
    at: str | None
    run: str
    epochs: int
    error: float
