"""The folder of a run: config.yaml, net/ with the net's text, metrics.csv, curves.png, model.safetensors."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import yaml
from torch import nn

from netdsl.atomic import written_beside
from netdsl.diagnostics import fail
from netdsl.tasks.checkpoint import save_checkpoint
from netdsl.tasks.metrics import Epoch

CONFIG, METRICS, CURVES, MODEL = "config.yaml", "metrics.csv", "curves.png", "model.safetensors"
RUNS = Path("runs")
HEAD = ",".join(field.name for field in fields(Epoch)) + "\n"


class RunFolder:
    """A run while it is written. Whatever the system refuses is a message with the file's name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.epochs: list[Epoch] = []

    @classmethod
    def create(cls, out: Path | None, stem: str) -> "RunFolder":
        """The folder `out`, which must not hold a run; without one the next free runs/STEM-1, runs/STEM-2, ..."""
        wanted = RUNS / f"{stem}-1" if out is None else out
        check_free(out)
        with _writing(wanted):
            if out is None:
                return cls(_next_free(stem))
            out.mkdir(parents=True, exist_ok=True)
        return cls(out)

    def write_text(self, name: str, text: str) -> None:
        path = self.path / name
        with _writing(path):
            path.parent.mkdir(exist_ok=True, parents=True)
            with written_beside(path) as beside:
                beside.write_text(text, encoding="utf-8")

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Where to write a file that is to have this name once it is whole."""
        path = self.path / name
        with _writing(path), written_beside(path) as beside:
            yield beside

    def write_config(self, config: Mapping[str, Any]) -> None:
        self.write_text(
            CONFIG,
            yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=100),
        )
        with _writing(self.path / METRICS):
            (self.path / METRICS).write_text(HEAD, encoding="utf-8", newline="\n")

    def add(self, epoch: Epoch, module: nn.Module) -> None:
        """A line of metrics.csv, on the disk before anything else happens, and the weights as they are now."""
        with _writing(self.path / METRICS), (self.path / METRICS).open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(_shown(value) for value in astuple(epoch))
        self.epochs.append(epoch)
        with _writing(self.path / MODEL):
            save_checkpoint(module, self.path / MODEL)

    def draw_curves(self, title: str) -> None:
        from netdsl.tasks.curves import save_curves  # here: matplotlib takes a while to load

        if self.epochs:
            with _writing(self.path / CURVES):
                save_curves(self.epochs, title, self.path / CURVES)


def check_free(out: Path | None) -> None:
    """Reports NET550 for a folder with a run in it; one that ended before its first epoch did may be written over."""
    if out is None:
        return
    with _writing(out):
        held = [name for name in (CONFIG, METRICS, MODEL) if (out / name).exists()]
        if held == [CONFIG, METRICS] and (out / METRICS).read_bytes() == HEAD.encode():
            return
    if held:
        fail(
            "NET550",
            f"`{out}` already holds a run",
            expected="a new or empty folder",
            found=", ".join(held),
            note="name another folder with --out, or leave it out: the next free folder in `runs` is taken",
        )


def read_config(run: Path, name: str = CONFIG) -> dict[str, Any]:
    """config.yaml of a finished or stopped run."""
    path = run / name
    if not path.is_file():
        fail(
            "NET552",
            f"`{run}` is not the folder of a run",
            expected=f"a folder with {CONFIG}, as `netdsl train` writes it",
            found="a folder without it" if run.is_dir() else "a file" if run.exists() else "nothing of that name",
        )
    try:
        config = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        fail("NET553", f"`{path}` cannot be read", expected="YAML", found=" ".join(str(error).split()))
    if not isinstance(config, dict):
        fail(
            "NET553", f"`{path}` is not a run's configuration", expected="settings by name", found=type(config).__name__
        )
    return config


def _next_free(stem: str) -> Path:
    number = 1
    while True:
        path = RUNS / f"{stem}-{number}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not path.exists():  # something else on the way is a file
                raise
            number += 1
        else:
            return path


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(
            "NET551",
            f"`{path}` cannot be written",
            found=error.strerror or str(error),
            note="free some space, or choose another folder with --out; what was there before is as it was",
        )
