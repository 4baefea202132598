"""`netdsl sweep`: what it lists and prints; the training itself is `tests/tasks/experiments/test_sweep.py`'s."""

import json
from pathlib import Path

import pytest

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"
HEAD = "epoch,train_loss,train_error,test_loss,test_error,lr,seconds,valid_loss,valid_error\n"
WORDS = ("sweep", "resnet", "--data", "cifar10+", "--grid", "n=3,5,7", "--seeds", "0,1")
DONE = {"n=3_seed=0": 0.0768, "n=3_seed=1": 0.0772, "n=5_seed=0": 0.0694}


@pytest.fixture
def folder(tmp_path: Path, netdsl: Command) -> Path:
    """Three complete runs of six, and one that was stopped."""
    for name, error in {**DONE, "n=5_seed=1": 0.5}.items():
        run = tmp_path / "sweeps" / "resnet-cifar10+" / name
        run.mkdir(parents=True)
        (run / "config.yaml").write_text("net: {name: resnet}\nepochs: 164\n")
        last = 164 if name in DONE else 12
        lines = [f"{n},1,0.9,1,{error},0.1,60,,\n" for n in range(1, last + 1)]
        (run / "metrics.csv").write_text(HEAD + "".join(lines))
        if name in DONE:
            (run / "result.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table(folder: Path, netdsl: Command, golden: Golden, columns: int) -> None:
    result = netdsl(*WORDS, "--table", columns=columns)
    assert result.exit_code == 0, result.output
    golden(result.stdout, TABLES / f"sweep_{columns}.txt")


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list(folder: Path, netdsl: Command, golden: Golden, columns: int) -> None:
    result = netdsl(*WORDS, "--dry-run", "--shard", "1/2", columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= columns
    golden(result.stdout, TABLES / f"sweep_list_{columns}.txt")


def test_json(folder: Path, netdsl: Command) -> None:
    rows = json.loads(netdsl(*WORDS, "--table", "--json").stdout)["rows"]
    assert [row["place"] for row in rows] == [{"n": "3"}, {"n": "5"}, {"n": "7"}]
    assert rows[0]["error"] == pytest.approx(0.077) and rows[0]["params"] == 272_282
    assert rows[2]["error"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("--grid", "n"),
        ("--grid", "n="),
        ("--grid", "n=1,,2"),
        ("--grid", "n=1,1"),
        ("--grid", "n=1", "--grid", "n=2"),
        ("--seeds", "0,a"),
        ("--seeds", "0,0"),
        ("--shard", "3/2"),
        ("--shard", "0/2"),
        ("--shard", "half"),
    ],
)
def test_a_wrong_command_line(netdsl: Command, words: tuple[str, ...]) -> None:
    assert netdsl("sweep", "resnet", "--data", "cifar10+", "--table", *words).exit_code == 2


def test_values_with_commas(netdsl: Command) -> None:
    result = netdsl(
        "sweep", "resnet", "--data", "cifar10+", "--grid", "recipe.schedule=cosine,step(at=[50%,75%])", "--dry-run"
    )
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 4


def test_training(netdsl: Command) -> None:
    """From the command to the table, on drawn shapes."""
    words = (
        "sweep",
        "C3-4 R P8 F10",
        "--data",
        "shapes",
        "--grid",
        "recipe.lr=0.1,1e30",
        "--epochs",
        2,
        "--subset",
        64,
    )
    result = netdsl(*words)
    assert result.exit_code == 1 and result.stderr.count("error[NET540]") == 1
    assert "run 2 of 2: recipe.lr=1e30" in result.stderr
    first, second = result.stdout.splitlines()[2:]
    assert first.split()[-1] == "2" and "-" in second
