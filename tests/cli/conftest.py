"""Commands as a person types them: most in this process, a few as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from netdsl.cli import output
from netdsl.cli.app import app
from typer.testing import CliRunner, Result

Command = Callable[..., Result]
Golden = Callable[[str, Path], None]


@pytest.fixture
def netdsl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in an empty folder, 100 columns wide: `netdsl("summarize", "vgg16").stdout`."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("out", "err"):  # consoles keep the width that they were made with
        monkeypatch.delitem(vars(output), name, raising=False)

    def run(*words: object, columns: int | None = None) -> Result:
        for name in ("out", "err"):
            vars(output).pop(name, None)
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


Process = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    return {**kept, **more}


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """The same as a process: `process("summarize", "vgg16")`."""

    def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "netdsl.cli.app", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, check=False, timeout=60
        )

    return run


def stopped_at_step(number: int, fit: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """A fit during which somebody presses Ctrl-C."""

    def pressed(*given: Any) -> Iterator[Any]:
        for step in fit(*given):
            yield step
            if step.number == number:
                raise KeyboardInterrupt

    return pressed
