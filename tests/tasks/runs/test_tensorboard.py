"""Event files, read back with TensorBoard's own reader."""

from dataclasses import replace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from netdsl import DiagnosticsError
from netdsl.tasks.runs import tensorboard
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.tensorboard import EVENTS, FOLDER, TensorBoardLog
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.stop import Stopped
from netdsl.tasks.training.train import train

ASKED = TrainConfig("C3-4 R P8 F10", "shapes", epochs=3, batch=64, tensorboard=True)


def scalars(run):
    """Of each chart the steps and values."""
    reader = EventAccumulator(str(run / FOLDER))
    reader.Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def of(epochs, name):
    return [(epoch.epoch, pytest.approx(getattr(epoch, name), rel=1e-6)) for epoch in epochs]


def test_every_epoch_is_there(few, tmp_path):
    done = train(replace(ASKED, out=tmp_path / "a"))
    found = scalars(done.run)
    assert set(found) == {"loss/train", "loss/test", "error/train", "error/test", "learning rate", "seconds"}
    assert found["loss/train"] == of(done.epochs, "train_loss")
    assert found["error/test"] == of(done.epochs, "test_error")
    assert found["learning rate"] == of(done.epochs, "lr")


def test_a_run_that_goes_on_has_each_epoch_once(few, tmp_path):
    class Stopping(Silent):
        def epoch(self, epoch):
            if epoch.epoch == 2:
                raise Stopped(2)

    with pytest.raises(Stopped):
        train(replace(ASKED, out=tmp_path / "a"), Stopping())
    assert [step for step, _ in scalars(tmp_path / "a")["seconds"]] == [1, 2]
    done = train(TrainConfig(resume=tmp_path / "a"))
    assert scalars(done.run)["loss/test"] == of(done.epochs, "test_loss")
    assert len(list((done.run / FOLDER).glob(EVENTS))) == 1


def test_without_the_option_there_is_none(few, tmp_path):
    done = train(replace(ASKED, epochs=1, tensorboard=None, out=tmp_path / "a"))
    assert not (done.run / FOLDER).exists()


def test_held_out_images(tmp_path):
    log = TensorBoardLog(tmp_path, [Epoch(1, 0.5, 0.2, 0.4, 0.1, 0.1, 1.0, 0.45, 0.15)])
    log.close()
    assert scalars(tmp_path)["error/valid"] == [(1, pytest.approx(0.15))]


def test_a_missing_package_is_said_before_anything_else(few, tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    with pytest.raises(DiagnosticsError) as error:
        train(replace(ASKED, net="no.net", out=tmp_path / "a"))
    assert error.value.diagnostics[0].code == "NET596"
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_written(few, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / FOLDER).write_text("")
    with pytest.raises(DiagnosticsError) as error:
        train(replace(ASKED, out=tmp_path / "a"))
    assert error.value.diagnostics[0].code == "NET551"
