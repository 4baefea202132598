"""Tries before a training: what they measure, and that they write nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from netdsl import DiagnosticsError, compile_network
from netdsl.geometry import FeatureMap
from netdsl.planning.form import plain
from netdsl.planning.peak import peak_bytes
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.rehearsal import BY_HEART, dry_run, overfit_batch
from netdsl.tasks.training.train import train

NET = "C3-8 B R P C3-16 B R G D.5 F10"
ASKED = TrainConfig(NET, "shapes", batch=32, epochs=3, lr=0.1)


def test_a_dry_run(few):
    found = dry_run(ASKED)
    assert (found.input, found.output, found.batches, found.epochs) == ((32, 3, 32, 32), (32, 10), 10, 3)
    assert found.loss_before == pytest.approx(2.3, abs=1.5) and found.loss_after != found.loss_before
    assert found.whole == pytest.approx(3 * (10 * found.step + found.test))
    assert found.step > 0 and found.test > 0
    whole = peak_bytes(plain(compile_network(NET, given=FeatureMap(3, (32, 32)))), 32)
    assert found.peak == found.peak_plain == whole
    budgeted = dry_run(replace(ASKED, memory_budget=int(0.9 * whole)))
    assert budgeted.peak <= 0.9 * whole and budgeted.peak_plain == whole
    assert not Path("runs").exists() and not list(Path().glob("*.yaml"))


def test_a_dry_run_leaves_the_training_as_it_is(few, tmp_path):
    """The seed is set anew: a run after it has the same weights."""
    first = train(replace(ASKED, epochs=1, out=tmp_path / "a"))
    dry_run(ASKED)
    second = train(replace(ASKED, epochs=1, out=tmp_path / "b"))
    models = [(done.run / "model.safetensors").read_bytes() for done in (first, second)]
    assert models[0] == models[1]


def test_a_batch_larger_than_the_data(few):
    assert dry_run(replace(ASKED, batch=4096, subset=40)).input[0] == 40


def test_a_batch_by_heart(few):
    told = []

    class Watch(Silent):
        def progress(self, what, done, total):
            told.append(done)

    found = overfit_batch(replace(ASKED, batch=16), Watch())
    assert found.images == 16 and found.error == 0
    assert found.last_loss <= BY_HEART * found.first_loss
    assert told == list(range(1, found.steps + 1))
    assert not Path("runs").exists()


def test_a_net_that_cannot_learn_it(few):
    """A rate so low that nothing moves; the dropout of the net is off, so the loss is the same in every step."""
    with pytest.raises(DiagnosticsError) as error:
        overfit_batch(replace(ASKED, net="C3-2 P8 F10 D.9", batch=8, lr=1e-12))
    (found,) = error.value.diagnostics
    assert found.code == "NET594" and "--find-lr" in found.note
    first, last = (part.split()[0] for part in found.found.split(", ")[:2])
    assert first == last


def test_a_loss_that_runs_away(few):
    with pytest.raises(DiagnosticsError) as error:
        overfit_batch(replace(ASKED, net="C3-8 R P F10", lr=1e30))
    assert error.value.diagnostics[0].code == "NET540"
