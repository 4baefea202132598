"""Runs to report on, and the browser that opens the pages."""

import os
import shutil
from pathlib import Path

import pytest

from netdsl import data
from netdsl.data import synthetic
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

FLAT = "net flat(classes = 10) { input 3x32x32 C5-4/4 R P F8 R F{classes} }"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """`shapes` means 600 + 100 pictures."""
    made = synthetic.shapes(600, 100)
    monkeypatch.setattr(data.synthetic, "load", lambda say: made)


@pytest.fixture
def run(trained_run: Path, tmp_path: Path, few: None) -> Path:
    """A copy of a finished run of a net with a global pool."""
    return Path(shutil.copytree(trained_run, tmp_path / "run"))


@pytest.fixture
def flat_run(tmp_path: Path, few: None) -> Path:
    """A run of a net that ends in fully connected layers."""
    train(TrainConfig(FLAT, "shapes", epochs=1, out=tmp_path / "flat", device="cpu"))
    return tmp_path / "flat"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser; without it these tests are skipped, or fail with $NETDSL_REQUIRE_BROWSER."""
    found = shutil.which("chromium")
    if found is None:
        (pytest.fail if os.environ.get("NETDSL_REQUIRE_BROWSER") else pytest.skip)("no chromium on this machine")
    return found
