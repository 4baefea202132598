"""What `netdsl eval` prints, of results with known figures; the figures themselves are `tests/tasks`'s."""

import json
from pathlib import Path

import pytest
import torch

from netdsl.tasks.evaluation import evaluate
from netdsl.tasks.evaluation.evaluate import EvalResult
from netdsl.tasks.evaluation.score import answers
from netdsl.tasks.evaluation.views import Views

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"
LONG = "runs/a-net-whose-name-and-settings-make-a-long-folder-name-on-cifar100"


def made(run: str, classes: int, wrong: int, views: Views) -> EvalResult:
    """Of 20 images a class, `wrong` of class 3 are taken for class 5, one of each other for class 0."""
    labels = torch.arange(20 * classes) % classes
    guessed = labels.clone()
    guessed[classes : 2 * classes] = 0
    guessed[(labels == 3).nonzero()[:wrong, 0]] = 5
    logs = (4 * torch.eye(classes)[guessed]).log_softmax(1)
    names = [f"class_{n}" for n in range(classes)]
    data = "cifar10+" if classes == 10 else "cifar100+"
    found = answers(logs, labels, names)
    return EvalResult(run, "resnet", data, "test", found, views, found.images, found.loss)


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_of(runs, data_dir, watch, views, ensemble, best, split):
        found = [made(str(run), 100 if "100" in str(run) else 10, 5 + n, views) for n, run in enumerate(runs)]
        return found + ([made(f"mean of {len(runs)}", 10, 2, views)] if ensemble else [])

    monkeypatch.setattr(evaluate, "evaluate_all", all_of)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one", ("runs/a", "--flip")),
        ("many_classes", (LONG,)),
        ("together", ("runs/a", LONG, "runs/c", "--ensemble", "--crops", "10")),
    ],
)
def test_tables(
    netdsl: Command, golden: Golden, results: None, name: str, words: tuple[str, ...], columns: int
) -> None:
    result = netdsl("eval", *words, columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= columns
    golden(result.stdout, TABLES / f"eval_{name}_{columns}.txt")


def test_json(netdsl: Command, results: None) -> None:
    one = json.loads(netdsl("eval", "runs/a", "--scales", "28,32", "--json").stdout)
    assert one["views"] == {"crops": 0, "flip": False, "scales": [28, 32], "dense": False}
    assert one["classes"][3]["taken_for"] == "class_5" and one["confusion"][3][5] == 5
    both = json.loads(netdsl("eval", "runs/a", "runs/b", "--ensemble", "--json").stdout)
    assert [run["wrong"] for run in both["runs"]] == [13, 14]
    assert both["ensemble"]["run"] == "mean of 2"
    assert json.loads(netdsl("eval", "runs/a", "runs/b", "--json").stdout)["ensemble"] is None


def test_pictures(netdsl: Command, results: None, tmp_path: Path) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    shown = netdsl("eval", "runs/a", "--confusion").stdout
    assert "picture     runs/a/confusion.png" in shown
    assert "picture     mean.png" in netdsl("eval", "runs/a", "runs/b", "--ensemble", "-o", "mean.png").stdout
    assert (tmp_path / "runs/a/confusion.png").exists() and (tmp_path / "mean.png").exists()
