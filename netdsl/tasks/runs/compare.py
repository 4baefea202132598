"""`netdsl runs`: run folders as a list, or side by side with what differs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.past_runs import PastRun, find_runs
from netdsl.tasks.runs.run_folder import CONFIG

ABSENT = "-"


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the list. Errors are fractions of the test images; None where no epoch is complete."""

    run: str
    net: str
    data: str
    params: int | None
    """None where the kept text of the net cannot be compiled."""
    epochs: int
    wanted: int | None
    complete: bool
    """Or stopped, or under way; a run that `early_stop` ended is complete with fewer epochs than wanted."""
    last_error: float | None
    last_loss: float | None
    """Of the test images; what there is for a net without classes."""
    best_error: float | None
    best_epoch: int | None
    seconds: float
    changed: float
    """Seconds since 1970."""


SORTS: Mapping[str, Callable[[RunLine], Any]] = {
    "name": lambda line: line.run,
    "net": lambda line: (line.net, line.run),
    "data": lambda line: (line.data, line.run),
    "params": lambda line: (line.params is None, line.params or 0, line.run),
    "epochs": lambda line: (-line.epochs, line.run),
    "last": lambda line: (line.last_error is None, line.last_error or 0, line.run),
    "best": lambda line: (line.best_error is None, line.best_error or 0, line.run),
    "seconds": lambda line: (-line.seconds, line.run),
    "when": lambda line: (-line.changed, line.run),
}
"""Lowest errors, longest and newest first."""


def list_runs(folder: Path, sort: str = "name") -> tuple[list[RunLine], list[DiagnosticsError]]:
    """The runs in a folder, at most three deep, and what is wrong with those that cannot be read."""
    lines, unreadable = [], []
    for path in find_runs(folder):
        try:
            lines.append(run_line(PastRun.read(path)))
        except DiagnosticsError as error:
            unreadable.append(error)
    return sorted(lines, key=SORTS[sort]), unreadable


def run_line(run: PastRun) -> RunLine:
    last, best = run.last, run.best
    return RunLine(
        run=str(run.path),
        net=run.net,
        data=run.data,
        params=params_of(run),
        epochs=len(run.epochs),
        wanted=run.wanted,
        complete=run.complete,
        last_error=None if last is None else last.test_error,
        last_loss=None if last is None else last.test_loss,
        best_error=None if best is None else best.test_error,
        best_epoch=None if best is None else best.epoch,
        seconds=run.seconds,
        changed=run.changed,
    )


def params_of(run: PastRun) -> int | None:
    """Counted from the text that the run folder holds."""
    record = run.config.get("net")
    try:
        return net_source.rebuild(record if isinstance(record, dict) else {}, run.path).compile().params
    except DiagnosticsError:
        return None  # the list says so with a dash; `netdsl eval` reports why


def differing(runs: Sequence[PastRun]) -> dict[str, list[str]]:
    """The settings of config.yaml, by dotted names, that are not the same in all runs, and each run's value."""
    flat = [_flat(run.config) for run in runs]
    names = dict.fromkeys(name for settings in flat for name in settings)
    rows = {name: [settings.get(name, ABSENT) for settings in flat] for name in names}
    told = {name: values for name, values in rows.items() if len(set(values)) > 1}
    if told.get("net.given") == told.get("net.text"):  # of a net typed out, once is enough
        told.pop("net.given", None)
    return told


def read_runs(paths: Sequence[Path]) -> list[PastRun]:
    """Errors: NET552, NET553, NET592"""
    return [PastRun.read(path.parent if path.name == CONFIG else path) for path in paths]


def _flat(settings: Any, prefix: str = "") -> dict[str, str]:
    """`{sgd: {lr: 0.1}}` under `optimizer` as `optimizer.sgd.lr`: 0.1; lists and texts as they stand."""
    if isinstance(settings, Mapping) and settings:
        found: dict[str, str] = {}
        for key, value in settings.items():
            found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
        return found
    return {prefix: _shown(settings)}


def _shown(value: Any) -> str:
    """Numbers to six digits, like those of metrics.csv."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, default=str)
