"""The folder of a run: config.yaml, net/ with the net's text, metrics.csv, curves.png, the weights, the result."""

import csv
import errno
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any, NoReturn

import yaml
from torch import nn

from netdsl.atomic import clear_parts, written_beside
from netdsl.diagnostics import fail
from netdsl.tasks.runs.checkpoint import save_checkpoint
from netdsl.tasks.runs.metrics import Epoch, best_of
from netdsl.tasks.runs.state_file import PREVIOUS, STATE

CONFIG, METRICS, CURVES, RESULT = "config.yaml", "metrics.csv", "curves.png", "result.json"
MODEL, BEST = "model.safetensors", "best.safetensors"
LOCK = ".lock"
RUNS = Path("runs")
HEAD = ",".join(field.name for field in fields(Epoch)) + "\n"


class RunFolder:
    """A run while it is written. Whatever the system refuses is a message with the file's name.

    It is one process's alone, until `close`; use it in a `with`. What a process that was killed here left half
    written is removed.
    """

    def __init__(self, path: Path) -> None:
        """Reports NET556 when another process writes there."""
        from filelock import FileLock, Timeout

        self.path = path
        self._lock = FileLock(path / LOCK, is_singleton=False)
        with self.guarded(LOCK):
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                _busy(path)
            clear_parts(path)

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *trouble: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write there."""
        (self.path / LOCK).unlink(missing_ok=True)
        self._lock.release()

    @classmethod
    def create(cls, out: Path | None, stem: str) -> "RunFolder":
        """The folder `out`, which must not hold a run; without one the next free runs/STEM-1, runs/STEM-2, ..."""
        wanted = RUNS / f"{stem}-1" if out is None else out
        with _writing(wanted):
            if out is None:
                return cls(_next_free(stem))
            out.mkdir(parents=True, exist_ok=True)
        folder = cls(out)
        try:
            check_free(out)
        except BaseException:
            folder.close()
            raise
        return folder

    @contextmanager
    def guarded(self, name: str) -> Iterator[None]:
        """What the system refuses about a file of the folder becomes a message."""
        with _writing(self.path / name):
            yield

    def write_text(self, name: str, text: str) -> None:
        path = self.path / name
        with _writing(path):
            path.parent.mkdir(exist_ok=True, parents=True)
            with written_beside(path) as beside:
                beside.write_text(text, encoding="utf-8")

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Where to write a file that is to have this name once it is whole."""
        with whole(self.path / name) as beside:
            yield beside

    def write_config(self, config: Mapping[str, Any]) -> None:
        """The last file of a new run's folder: where it stands, the run can be resumed."""
        self.write_text(METRICS, HEAD)
        self.write_text(
            CONFIG,
            yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=100),
        )

    def add(self, epochs: Sequence[Epoch], module: nn.Module) -> None:
        """All lines of metrics.csv and the weights after the last of them; also as the best, if they are."""
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(map(_shown, astuple(epoch)) for epoch in epochs)
        self.write_text(METRICS, HEAD + table.getvalue())
        for name in (MODEL, BEST) if best_of(epochs) is epochs[-1] else (MODEL,):
            with self.guarded(name):
                save_checkpoint(module, self.path / name)

    def write_result(self, epochs: Sequence[Epoch]) -> None:
        """The last file of a run: where it stands, the run is complete."""
        best = best_of(epochs)
        result = {"epochs": len(epochs), "last": asdict(epochs[-1]), "best": asdict(best)}
        result["seconds"] = sum(epoch.seconds for epoch in epochs)
        self.write_text(RESULT, json.dumps(result, indent=2) + "\n")

    def draw_curves(self, epochs: Sequence[Epoch], title: str) -> None:
        from netdsl.tasks.runs.curves import save_curves  # here: matplotlib takes a while to load

        if epochs:
            with self.guarded(CURVES):
                save_curves(epochs, title, self.path / CURVES)


def _busy(path: Path) -> NoReturn:
    fail(
        "NET556",
        f"another process is training in `{path}`",
        expected="a run that is at rest",
        found=f"`{path / LOCK}` is held",
        note="wait for it, stop it with Ctrl-C, or name another folder with --out",
    )


def check_free(out: Path | None) -> None:
    """Reports NET550 for a folder with a run in it; one that has nothing saved may be replaced."""
    if out is None:
        return
    with _writing(out):
        held = [name for name in (CONFIG, METRICS, MODEL, STATE, PREVIOUS) if (out / name).exists()]
        begun = METRICS in held and set(held) <= {CONFIG, METRICS}
        if begun and (out / METRICS).read_bytes() == HEAD.encode():
            return
    if held:
        fail(
            "NET550",
            f"`{out}` already holds a run",
            expected="a new or empty folder",
            found=", ".join(held),
            note=("it is complete" if (out / RESULT).exists() else f"go on with it: netdsl train --resume {out}")
            + "; or name another folder with --out",
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
def whole(path: Path, make_folder: bool = False) -> Iterator[Path]:
    """Where to write a file that is to have this name once it is whole, in whatever folder; reports NET551."""
    with _writing(path):
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path) as beside:
            yield beside


def _way_out(error: OSError) -> str:
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "a file stands where the folder would be: move it"
    if error.errno == errno.ENOENT:
        return "make the folder first"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "let it be written to"
    return "free some space"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(
            "NET551",
            f"`{path}` cannot be written",
            found=error.strerror or str(error),
            note=f"{_way_out(error)}, or choose another folder with --out; what was there before is as it was",
        )
