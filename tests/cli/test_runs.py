"""`netdsl runs` and `netdsl curves`, on run folders with known figures."""

import json
import os
from pathlib import Path

import pytest

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"
HEAD = "epoch,train_loss,train_error,test_loss,test_error,lr,seconds,valid_loss,valid_error\n"
RUNS = {
    "resnet-cifar10-plus-a-long-name-of-a-run-with-its-settings": ("resnet", "cifar10+", 3, 164),
    "baseline-mnist-1": ("baseline", "mnist", 1, 30),
    "stopped": ("a_net_with_quite_a_long_name", "mnist", 0, 30),
}


@pytest.fixture
def folder(tmp_path: Path, netdsl: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TZ", "UTC")
    for name, (net, data, epochs, wanted) in RUNS.items():
        run = tmp_path / "runs" / name
        run.mkdir(parents=True)
        record = f"{{name: {net}, text: C3-16 G F10, input: [3, 32, 32], settings: {{}}}}"
        (run / "config.yaml").write_text(f"net: {record}\ndata: {{name: {data}}}\nepochs: {wanted}\nbatch: 128\n")
        lines = [f"{n},1,0.9,1,{0.3 / n},0.1,1200,,\n" for n in range(1, epochs + 1)]
        (run / "metrics.csv").write_text(HEAD + "".join(lines))
        os.utime(run / "metrics.csv", (1_700_000_000, 1_700_000_000))
    return tmp_path


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list(folder: Path, netdsl: Command, golden: Golden, columns: int) -> None:
    result = netdsl("runs", "--sort", "best", columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= columns
    golden(result.stdout, TABLES / f"runs_{columns}.txt")


@pytest.mark.parametrize("columns", [80, 120])
def test_two_runs(folder: Path, netdsl: Command, golden: Golden, columns: int) -> None:
    result = netdsl("runs", *(folder / "runs" / name for name in list(RUNS)[:2]), columns=columns)
    assert result.exit_code == 0, result.output
    golden(result.stdout, TABLES / f"runs_compared_{columns}.txt")


def test_json(folder: Path, netdsl: Command) -> None:
    listed = json.loads(netdsl("runs", "--json").stdout)["runs"]
    assert {line["run"] for line in listed} == {f"runs/{name}" for name in RUNS}
    two = json.loads(netdsl("runs", *(f"runs/{name}" for name in list(RUNS)[:2]), "--json").stdout)
    assert two["differing"]["epochs"] == ["164", "30"] and len(two["runs"]) == 2


def test_equal_runs(folder: Path, netdsl: Command) -> None:
    assert "no setting differs" in netdsl("runs", "runs/baseline-mnist-1", "runs/baseline-mnist-1").stdout


def test_wrong_words(folder: Path, netdsl: Command) -> None:
    assert netdsl("runs", "--sort", "colour").exit_code == 2
    assert "NET552" in netdsl("runs", "nowhere").stderr
    (folder / "empty").mkdir()
    empty = netdsl("runs", "empty")
    assert (empty.exit_code, empty.stdout, empty.stderr) == (0, "", "no runs in empty\n")


def test_one_that_cannot_be_read(folder: Path, netdsl: Command) -> None:
    (folder / "runs" / "stopped" / "metrics.csv").write_text(HEAD + "?\n")
    result = netdsl("runs")
    assert result.exit_code == 1
    assert "baseline-mnist-1" in result.stdout and "NET592" in result.stderr


def test_curves(folder: Path, netdsl: Command) -> None:
    result = netdsl("curves", *(f"runs/{name}" for name in list(RUNS)[:2]), "-o", "both.png")
    assert result.exit_code == 0 and result.stdout == "picture     both.png\n"
    assert (folder / "both.png").read_bytes().startswith(b"\x89PNG")
    stopped = netdsl("curves", "runs/stopped")
    assert stopped.exit_code == 1 and "NET593" in stopped.stderr


def test_a_picture_that_cannot_be_is_told_before_the_work(folder: Path, netdsl: Command) -> None:
    run = folder / "runs" / "baseline-mnist-1"
    for name, told in (("x.pdf", "name it x.png"), ("nowhere/x.png", "make it first"), ("", "name is empty")):
        result = netdsl("curves", run, "-o", name, columns=200)
        assert result.exit_code == 2 and told in result.stderr


def test_a_run_that_ended_itself(folder: Path, netdsl: Command) -> None:
    (folder / "runs" / "baseline-mnist-1" / "result.json").touch()
    lines = netdsl("runs", columns=120).stdout.splitlines()
    assert any(" 1 early " in line for line in lines) and any(" 3/164 " in line for line in lines)


def test_a_run_with_all_its_epochs_is_complete(folder: Path, netdsl: Command) -> None:
    """Also one whose result was not written yet, or whose folder is from before there were any."""
    metrics = folder / "runs" / "baseline-mnist-1" / "metrics.csv"
    metrics.write_text(HEAD + "".join(f"{n},1,0.9,1,0.3,0.1,1200,,\n" for n in range(1, 31)))
    complete = {line["run"]: line["complete"] for line in json.loads(netdsl("runs", "--json").stdout)["runs"]}
    assert complete["runs/baseline-mnist-1"] and not complete["runs/stopped"]
