"""Sweeps: their points and folders, going on where one was stopped, and what the table says of it."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import pytest

from netdsl import DiagnosticsError
from netdsl.tasks.experiments.sweep import folder_name, keep_plan, plan, run, shard
from netdsl.tasks.experiments.sweep_table import table
from netdsl.tasks.runs.past_runs import read_metrics
from netdsl.tasks.runs.run_folder import RunFolder
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.stop import Stopped
from netdsl.tasks.training.train import train

NET = "net s(n = 1, f = 4) { input 3x32x32 (C3-{f} B R)*n P8 F10 }"
BASE = TrainConfig(net="s.net", data="shapes", epochs=2, batch=32, subset=96)


@pytest.fixture(autouse=True)
def net(few):
    Path("s.net").write_text(NET)


@contextmanager
def silent(point):
    yield Silent()


def all_of(points):
    return list(run(points, silent))


def test_points():
    """Parameters of the net and lines of the recipe; the last axis is the fastest, the seeds faster still."""
    grid = {"n": ["1", "2"], "recipe.weight_decay": ["0", "1e-3"], "recipe.lr": ["0.1"]}
    points = plan(BASE, grid, [0, 1], None)
    assert len(points) == 8
    assert [point.label for point in points[:3]] == [
        "n=1, recipe.weight_decay=0, recipe.lr=0.1, seed 0",
        "n=1, recipe.weight_decay=0, recipe.lr=0.1, seed 1",
        "n=1, recipe.weight_decay=1e-3, recipe.lr=0.1, seed 0",
    ]
    config = points[-1].config
    assert (config.settings, config.set_recipe, config.lr, config.seed) == (
        {"n": "2"},
        {"weight_decay": "1e-3"},
        0.1,
        1,
    )
    assert points[-1].path == Path("sweeps/s-shapes/n=2_recipe.weight_decay=1e-3_recipe.lr=0.1_seed=1")
    assert (points[0].params, points[-1].params) == (4 * 27 + 8 + 650, 4 * 27 + 8 + 4 * 36 + 8 + 650)
    assert (points[0].depth, points[-1].depth, points[0].wanted) == (2, 3, 2)
    (single,) = plan(BASE, {}, [], None)
    assert single.path.name == "run"


@pytest.mark.parametrize(
    ("grid", "code"),
    [({"m": ["1"]}, "NET204"), ({"recipe.epoch": ["3"]}, "NET530"), ({"recipe.lr": ["fast"]}, "NET527")],
)
def test_a_grid_that_cannot_be_is_found_before_anything_is_trained(grid, code):
    with pytest.raises(DiagnosticsError) as error:
        plan(BASE, {"n": ["1"], **grid}, [], None)
    assert code in [d.code for d in error.value.diagnostics]
    assert not Path("sweeps").exists()


def test_folder_names_are_of_one_point_only():
    place = [("a", "x y"), ("b", "x/y"), ("b", "x-y"), ("b", "1"), ("b", "1_2"), ("b", "v" * 90), ("b", "v" * 91)]
    names = [folder_name([each], seed) for each in place for seed in (None, 0, 1)]
    assert len(set(names)) == len(names)
    assert all("/" not in name and " " not in name and len(name) < 100 for name in names)
    assert folder_name([("n", "3")], 0) == "n=3_seed=0"


def test_shards_are_a_partition():
    points = plan(BASE, {"n": ["1", "2"], "f": ["2", "4"]}, [0, 1, 2], None)
    parts = [shard(points, number, 5) for number in range(1, 6)]
    assert sorted(point.label for part in parts for point in part) == sorted(point.label for point in points)
    assert {len(part) for part in parts} == {2, 3}


def test_a_sweep_goes_on_where_it_was_stopped(monkeypatch):
    """Stopped in the second run; the first is not trained again, and all come to the figures of single runs."""
    points = plan(BASE, {"n": ["1", "2"]}, [], Path("out"))
    begun = []

    @contextmanager
    def stopping(point):
        class Watch(Silent):
            def epoch(self, epoch):
                if point is points[1]:
                    raise Stopped(2)

        begun.append(point.label)
        yield Watch()

    with pytest.raises(KeyboardInterrupt):
        list(run(points, stopping))
    assert points[0].complete and points[1].begun and not points[1].complete
    first = (points[0].path / "model.safetensors").stat().st_mtime_ns
    rows = table(points)
    assert [(row.epochs_done, row.epochs_wanted, len(row.errors)) for row in rows] == [(2, 2, 1), (1, 2, 0)]
    assert [outcome.trouble for outcome in all_of(points)] == [None, None]
    assert (points[0].path / "model.safetensors").stat().st_mtime_ns == first and begun == ["n=1", "n=2"]
    alone = train(replace(points[1].config, out=Path("alone")))
    resumed = (points[1].path / "model.safetensors").read_bytes()
    assert resumed == (alone.run / "model.safetensors").read_bytes()


def test_the_table_has_mean_and_deviation():
    points = plan(BASE, {"n": ["1"]}, [0, 1, 2], Path("out"))
    all_of(points[:2])
    (row,) = table(points)
    errors = [read_metrics(point.path)[-1].test_error for point in points[:2]]
    assert (row.network, row.runs, row.errors) == ("s-2 (n = 1)", 3, tuple(errors))
    assert row.error == pytest.approx(mean(errors)) and row.deviation == pytest.approx(stdev(errors))
    assert (row.epochs_done, row.epochs_wanted) == (4, 6)
    (bare,) = table(plan(BASE, {}, [], Path("elsewhere")))
    assert (bare.network, bare.error, bare.deviation) == ("s-2", None, None)


def test_a_run_that_fails_does_not_stop_the_others():
    points = plan(BASE, {"recipe.lr": ["1e30", "0.1"]}, [], Path("out"))
    first, second = all_of(points)
    assert [d.code for d in first.trouble.diagnostics] == ["NET540"] and not first.busy
    assert second.trouble is None and second.point.complete


def test_a_run_of_another_process_is_passed_by():
    points = plan(BASE, {"n": ["1", "2"]}, [], Path("out"))
    points[0].path.mkdir(parents=True)
    with RunFolder(points[0].path):
        first, second = all_of(points)
    assert first.busy and second.point.complete
    assert all_of(points)[0].trouble is None


def test_a_folder_holds_one_sweep():
    points = plan(BASE, {"n": ["1"]}, [], Path("out"))
    keep_plan(BASE, points)
    assert len(plan(BASE, {"n": ["1", "2"], "f": ["1"]}, [0], Path("out"))) == 2, "the grid can grow"
    with pytest.raises(DiagnosticsError) as error:
        plan(replace(BASE, epochs=3), {"n": ["1"]}, [], Path("out"))
    (found,) = error.value.diagnostics
    assert (found.code, found.expected, found.found) == ("NET595", "epochs 2", "epochs 3")
    Path("out/sweep.yaml").write_text("a: [")
    with pytest.raises(DiagnosticsError, match=r"sweep\.yaml"):
        plan(BASE, {"n": ["1"]}, [], Path("out"))
