"""The transfer experiment on drawn shapes: what each run begins with, what stays, and going on with it."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from netdsl import data
from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.experiments import transfer
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.train import train

NET = "net a(classes = 10) { input 3x32x32  (C3-4 B R P) @one  ((C3-6 B R) @inner P) @two  G F{classes} @last }"
BASE = TrainConfig(NET, "shapes", epochs=1, batch=50)


@contextmanager
def silent(run):
    yield Silent()


def weights(row):
    return load_file(Path(row.run) / "model.safetensors")


def equal(one, other):
    """Names of what is the same in both to the bit, but for the counters of batches."""
    before, after = weights(one), weights(other)
    same = {name for name in before if before[name].shape == after[name].shape}
    return {name for name in same if torch.equal(before[name], after[name]) and not name.endswith("tracked")}


@pytest.fixture(scope="module")
def done(few_shapes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("transfer") / "x"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.synthetic, "load", lambda say: few_shapes)
        experiment = transfer.plan(BASE, "random", [], folder)
        transfer.keep_plan(BASE, experiment)
        return experiment, list(transfer.carry_out(experiment, silent))


def test_two_bases_and_four_treatments_at_each_tag(done):
    """Tags within others and behind all weights are left out."""
    experiment, rows = done
    assert experiment.places == ("one", "two")
    assert [(row.treatment, row.at) for row in rows] == [
        ("baseA", None),
        ("baseB", None),
        *((treatment, at) for at in ("one", "two") for treatment in ("BnB", "BnB+", "AnB", "AnB+")),
    ]
    assert transfer.plan(BASE, "random", []).folder == Path("runs/transfer-a-shapes-random")
    assert all(0 <= row.error <= 1 and row.epochs == 1 for row in rows)


def test_what_each_run_takes_and_keeps(done):
    experiment, rows = done
    by = {(row.treatment, row.at): row for row in rows}
    inside = {name for name in weights(by["baseA", None]) if name.startswith("one.") and not name.endswith("tracked")}
    below = inside | {
        name for name in weights(by["baseA", None]) if name.startswith("two.") and not name.endswith("tracked")
    }
    for base, treatment in (("baseA", "AnB"), ("baseB", "BnB")):
        for at, kept in (("one", inside), ("two", below)):
            assert equal(by[base, None], by[treatment, at]) == kept
            assert equal(by[base, None], by[f"{treatment}+", at]) == set()
            config = yaml.safe_load((Path(by[treatment, at].run) / "config.yaml").read_text())
            assert config["init_from"]["taken"] == len(kept) // 5 * 2, "a convolution and a norm each"
            assert (config["seed"], config["data"]["classes"]) == (1, list(experiment.halves.b))


def test_the_upper_layers_begin_as_in_no_base(done):
    """With the bases' seed they would begin as the base's own did, and a selffer net would be half the base again."""
    experiment, _ = done
    assert {run.config.seed for run in experiment.runs[2:]} == {1}
    assert {run.config.seed or 0 for run in experiment.runs[:2]} == {0}


def test_what_is_complete_is_not_trained_again(done, monkeypatch):
    experiment, rows = done
    monkeypatch.setattr(transfer, "train", lambda *arguments: pytest.fail("trained again"))
    again = transfer.plan(BASE, "random", ["@one", "two"], experiment.folder)
    assert list(transfer.carry_out(again, silent)) == rows


def test_a_stopped_one_goes_on(few):
    class Stop(Silent):
        def epoch(self, epoch):
            raise KeyboardInterrupt

    base = replace(BASE, epochs=2)
    experiment = transfer.plan(base, "disk,ring/star,cross", ["one"], Path("x"))
    transfer.keep_plan(base, experiment)

    @contextmanager
    def stopping(run):
        yield Stop() if run.treatment == "AnB" else Silent()

    found = []
    with pytest.raises(KeyboardInterrupt):
        for row in transfer.carry_out(experiment, stopping):
            found.append(row)
    assert len(found) == 4
    rows = list(transfer.carry_out(experiment, silent))
    assert rows[:4] == found and len(rows) == 6
    whole = train(replace(experiment.runs[4].config, out=Path("whole"))).run
    assert (whole / "model.safetensors").read_bytes() == (Path(rows[4].run) / "model.safetensors").read_bytes()


def test_the_picture(done):
    experiment, rows = done
    path = transfer.draw(experiment, rows)
    assert path == experiment.folder / "transfer.png"
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "split", "at", "code"),
    [
        ({"epochs": 3}, "random", (), "NET574"),
        ({"seed": 4}, "random", (), "NET574"),
        ({}, "disk,ring/star,cross", (), "NET574"),
        ({}, "random", ("three",), "NET209"),
        ({}, "random", ("last",), "NET543"),
        ({"net": "C3-4 R G F10"}, "random", (), "NET209"),
        ({}, "disk/star,cross", (), "NET575"),
        ({"net": "nets/autoencoder.net"}, "random", ("c",), "NET597"),
    ],
)
def test_what_is_refused(few, changes, split, at, code):
    experiment = transfer.plan(BASE, "random", [], Path("x"))
    transfer.keep_plan(BASE, experiment)
    with pytest.raises(DiagnosticsError) as caught:
        transfer.plan(replace(BASE, **changes), split, at, Path("x"))
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_folder_with_other_files(few):
    Path("x").mkdir()
    Path("x/notes.txt").write_text("mine")
    with pytest.raises(DiagnosticsError) as caught:
        transfer.plan(BASE, "random", [], Path("x"))
    assert [d.code for d in caught.value.diagnostics] == ["NET574"]
