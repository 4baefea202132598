"""Lists of runs in any order, and what differs between some."""

from pathlib import Path

import pytest

from netdsl.tasks.runs.compare import SORTS, differing, list_runs, read_runs
from netdsl.tasks.runs.draw import short_names
from netdsl.tasks.runs.run_folder import HEAD

ERRORS = {"a": [0.5, 0.3], "b": [0.2, 0.25], "c": []}


@pytest.fixture
def runs(tmp_path):
    for number, (name, errors) in enumerate(ERRORS.items()):
        folder = tmp_path / name
        folder.mkdir()
        filters = 2 + number
        (folder / "config.yaml").write_text(
            f"net: {{name: x, given: C3-{filters} G F10, text: C3-{filters} G F10, input: [1, 6, 6], settings: {{}}}}\n"
            f"data: {{name: mnist, mean: [33.318421, {number}]}}\nepochs: 2\nseed: {number % 2}\n"
            f"optimizer: {{{'adam' if number else 'sgd'}: {{lr: 0.1}}}}\n"
        )
        lines = [f"{n},1,0.9,1,{error},0.1,{number + 2},,\n" for n, error in enumerate(errors, start=1)]
        (folder / "metrics.csv").write_text(HEAD + "".join(lines))
    return tmp_path


def test_the_list(runs):
    lines, unreadable = list_runs(runs)
    assert not unreadable
    first, second, third = lines
    assert [Path(line.run).name for line in lines] == ["a", "b", "c"]
    assert (first.params, first.epochs, first.wanted, first.last_error, first.best_epoch) == (50, 2, 2, 0.3, 2)
    assert (second.last_error, second.best_error, second.best_epoch, second.seconds) == (0.25, 0.2, 1, 6)
    assert (third.epochs, third.last_error, third.best_error) == (0, None, None)
    assert (first.last_loss, third.last_loss) == (1, None)


def test_a_net_without_classes_has_a_loss(runs):
    (runs / "a" / "metrics.csv").write_text(HEAD + "1,1,,0.75,,0.1,2,,\n")
    (first, *_), _ = list_runs(runs)
    assert (first.last_error, first.last_loss) == (None, 0.75)


@pytest.mark.parametrize(
    ("sort", "order"),
    [("name", "abc"), ("best", "bac"), ("last", "bac"), ("params", "abc"), ("seconds", "bac"), ("epochs", "abc")],
)
def test_orders(runs, sort, order):
    assert "".join(Path(line.run).name for line in list_runs(runs, sort)[0]) == order
    assert sort in SORTS


def test_a_run_that_cannot_be_read_does_not_hide_the_others(runs):
    (runs / "b" / "metrics.csv").write_text(HEAD + "x\n")
    (runs / "a" / "config.yaml").write_text("net: {text: C3- G, input: [1, 6, 6], settings: {}}\n")
    lines, unreadable = list_runs(runs)
    assert [(Path(line.run).name, line.params) for line in lines] == [("a", None), ("c", 90)]
    assert [error.diagnostics[0].code for error in unreadable] == ["NET592"]


def test_what_differs(runs):
    found = differing(read_runs([runs / "a", runs / "b" / "config.yaml"]))
    assert found == {
        "net.text": ["C3-2 G F10", "C3-3 G F10"],
        "data.mean": ["[33.3184, 0]", "[33.3184, 1]"],
        "seed": ["0", "1"],
        "optimizer.sgd.lr": ["0.1", "-"],
        "optimizer.adam.lr": ["-", "0.1"],
    }
    assert differing(read_runs([runs / "a", runs / "a"])) == {}


def test_short_names():
    assert short_names([Path("runs/a"), Path("runs/b")]) == ["a", "b"]
    assert short_names([Path("x/a"), Path("y/a"), Path("y/b")]) == ["x/a", "y/a", "y/b"]
    assert short_names([Path("a"), Path("a")]) == ["a", "a #2"]
