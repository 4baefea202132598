"""What `netdsl report` prints."""

import shutil
from pathlib import Path

import pytest

from netdsl import data
from netdsl.data import synthetic
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

from .conftest import Command


@pytest.fixture
def run(netdsl: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    few = synthetic.shapes(200, 50)
    monkeypatch.setattr(data.synthetic, "load", lambda say: few)
    train(TrainConfig("C3-4/4 R P F10", "shapes", epochs=1, out=tmp_path / "run", device="cpu"))
    return tmp_path / "run"


def test_a_page_and_what_is_not_on_it(netdsl: Command, run: Path) -> None:
    done = netdsl("report", run)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"written     {run / 'report.html'}, ")
    assert done.stdout.endswith(" kB\n")
    assert "left out: NET604" in done.stderr


def test_without_its_data_it_is_a_page_all_the_same(netdsl: Command, run: Path) -> None:
    done = netdsl("report", run, "--no-data", "-o", "page.html")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert netdsl("report", run, "--no-data", "-o", "page.html").exit_code == 1
    assert netdsl("report", run, "--no-data", "-o", "page.html", "--force").exit_code == 0


def test_a_run_without_weights(netdsl: Command, run: Path) -> None:
    (run / "model.safetensors").unlink()
    done = netdsl("report", run)
    assert done.exit_code == 0
    assert "left out: NET554" in done.stderr


def test_what_is_no_run(netdsl: Command, tmp_path: Path, run: Path) -> None:
    shutil.rmtree(run)
    done = netdsl("report", run)
    assert done.exit_code == 1
    assert "error[NET552]" in done.stderr
