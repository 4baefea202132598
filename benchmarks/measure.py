"""Shared by all figures: run commands as child processes, side by side, and read what the system says they cost.

CPU seconds are user + system time of the child, from `os.wait4`; the wall clock on a shared machine swings. Peak memory
is the child's `ru_maxrss`, which starts at the size of the process that made it: this one must stay small, so nothing
here or in the scripts imports torch, and `run` refuses a peak that may be ours.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
PYTHON = sys.executable
NETDSL = str(Path(sys.executable).parent / "netdsl")
ROUNDS = 7


@dataclass(frozen=True)
class Usage:
    """What one process cost, and what it wrote to stdout."""

    cpu: float
    """Seconds, user + system."""
    peak: float
    """MiB."""
    status: int
    output: str


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds; the largest peak."""

    cpu: float
    peak: float
    output: str
    every_cpu: tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """A line of docs/benchmarks.md. `holds` is None where there is no target."""

    name: str
    target: str
    measured: str
    holds: bool | None = None


def run(command: Sequence[str], expected_status: int = 0) -> Usage:
    """One command as a child process. Errors: RuntimeError when it ends otherwise than expected."""
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, cwd=REPOSITORY)
        _, wait_status, usage = os.wait4(child.pid, 0)
        child.returncode = status = os.waitstatus_to_exitcode(wait_status)
        output.seek(0)
        text = output.read()
    if status != expected_status:
        raise RuntimeError(f"exit status {status}, not {expected_status}: {' '.join(command)}")
    own, peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, usage.ru_maxrss / 1024
    if own >= peak:
        raise RuntimeError(f"a peak of {peak:.1f} MiB may be our own {own:.1f}: {' '.join(command)}")
    return Usage(usage.ru_utime + usage.ru_stime, peak, status, text)


def side_by_side(
    commands: Mapping[str, Sequence[str]], rounds: int = ROUNDS, expected_status: int = 0
) -> dict[str, Measured]:
    """Each command once to fill caches, then A B A B ..., so that a busy minute of the machine meets all alike."""
    for command in commands.values():
        run(command, expected_status)
    usages: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            usages[name].append(run(command, expected_status))
    return {name: _measured(found) for name, found in usages.items()}


def alone(command: Sequence[str], rounds: int = ROUNDS, expected_status: int = 0) -> Measured:
    return side_by_side({"it": command}, rounds, expected_status)["it"]


def ratio(ours: Measured, theirs: Measured) -> float:
    """The median over the rounds of one's CPU time by the other's in the same round."""
    return median(a / b for a, b in zip(ours.every_cpu, theirs.every_cpu, strict=True))


def script(name: str, *arguments: str) -> list[str]:
    """A script of this folder as a command."""
    return [PYTHON, str(HERE / name), *arguments]


def show(figures: Callable[[], Sequence[Figure]]) -> None:
    """What a figure's script does when it is run by hand; with `--json` as run_all.py reads it."""
    found = figures()
    if "--json" in sys.argv[1:]:
        print(json.dumps([vars(figure) for figure in found]))
        return
    for figure in found:
        verdict = {True: "holds", False: "DOES NOT HOLD", None: "no target"}[figure.holds]
        print(f"{figure.name}\n  target    {figure.target}\n  measured  {figure.measured}\n  {verdict}")


def _measured(usages: Sequence[Usage]) -> Measured:
    every = tuple(usage.cpu for usage in usages)
    return Measured(median(every), max(usage.peak for usage in usages), usages[-1].output, every)
