"""Run folders read back: what a run was, and how far it came."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from netdsl.diagnostics import fail
from netdsl.tasks.runs.metrics import Epoch, best_of
from netdsl.tasks.runs.run_folder import CONFIG, METRICS, RESULT, read_config

OPTIONAL = {name for name, kind in get_type_hints(Epoch).items() if type(None) in get_args(kind)}
WHOLE = {"epoch"}


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run folder as it is now."""

    path: Path
    config: Mapping[str, Any]
    epochs: tuple[Epoch, ...]
    changed: float
    """When metrics.csv was last written, in seconds since 1970."""

    @classmethod
    def read(cls, path: Path) -> "PastRun":
        """Errors: NET552 for a folder without a run, NET553 for a damaged config.yaml, NET592 for metrics.csv"""
        config = read_config(path)
        epochs = read_metrics(path)
        return cls(path, config, epochs, (path / METRICS).stat().st_mtime)

    @property
    def net(self) -> str:
        net = self.config.get("net")
        return str(net.get("name", "?")) if isinstance(net, dict) else "?"

    @property
    def data(self) -> str:
        data = self.config.get("data")
        return str(data.get("name", "?")) if isinstance(data, dict) else "?"

    @property
    def wanted(self) -> int | None:
        """Epochs that the run is to have."""
        epochs = self.config.get("epochs")
        return epochs if isinstance(epochs, int) else None

    @property
    def complete(self) -> bool:
        """Behind its last epoch, or ended early by its own rule."""
        return (self.path / RESULT).exists() or len(self.epochs) == self.wanted

    @property
    def best(self) -> Epoch | None:
        return best_of(self.epochs) if self.epochs else None

    @property
    def last(self) -> Epoch | None:
        return self.epochs[-1] if self.epochs else None

    @property
    def seconds(self) -> float:
        return sum(epoch.seconds for epoch in self.epochs)


def read_metrics(run: Path) -> tuple[Epoch, ...]:
    """The lines of metrics.csv; columns of later versions are passed by. Reports NET592."""
    path = run / METRICS
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(_epoch(row) for row in csv.DictReader(file))
    except FileNotFoundError:
        fail("NET592", f"`{path}` is not there", note="`netdsl train` writes it; is this the folder of a run?")
    except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        text = " ".join(str(error).split())
        fail("NET592", f"`{path}` cannot be read", expected="a line of numbers for each epoch", found=text)


def _epoch(row: Mapping[str, str]) -> Epoch:
    values: dict[str, Any] = {}
    for field in fields(Epoch):
        text = row[field.name] if field.name not in OPTIONAL else row.get(field.name)
        values[field.name] = None if not text and field.name in OPTIONAL else _number(field.name, text)
    return Epoch(**values)


def _number(name: str, text: str | None) -> float:
    if text is None:
        raise ValueError(f"no `{name}` in a line")
    return int(text) if name in WHOLE else float(text)


def find_runs(folder: Path) -> Iterator[Path]:
    """Folders with a config.yaml, at most three deep, in the order of their names. Reports NET552 where none can be."""
    if not folder.is_dir():
        fail(
            "NET552",
            f"`{folder}` is no folder",
            expected="a folder with runs in it",
            found="a file" if folder.exists() else "nothing of that name",
        )
    if (folder / CONFIG).is_file():
        yield folder
        return
    for depth in range(1, 4):
        yield from sorted(
            path.parent for path in folder.glob("*/" * depth + CONFIG) if (path.parent / METRICS).exists()
        )
