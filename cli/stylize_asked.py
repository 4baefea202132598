"""What `netdsl stylize --model` is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netdsl.style.fast.opened import FastNet

ALL = "all"
OUT = "stylized"

Refuse = Callable[[list[Path]], None]
"""Ends the command where one of the files is there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line, as far as it concerns a trained net."""

    model: Path
    content: str | None
    style: list[str]
    row: str | None
    out: str | None
    size: int | None
    tile: int | None
    smooth: float | None
    device: str | None
    precision: str | None
    as_json: bool

    @property
    def every(self) -> bool:
        """A sheet of all styles."""
        return self.style == [ALL]

    def opened(self) -> "FastNet":
        from netdsl.style.fast.opened import open_fast

        net = open_fast(self.model, self.device, self.precision)
        net.tile = self.tile
        return net
