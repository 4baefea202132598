"""Which images a run is tried on: its own, or other data with its classes."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import load_file, save_file

from netdsl import data
from netdsl.data import synthetic
from netdsl.data.forms import FORMS
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.localize import localize
from netdsl.seeing.mistakes import find_mistakes
from netdsl.seeing.tried import Tried
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.train import train


@pytest.fixture
def few(monkeypatch):
    made = synthetic.shapes(300, 90, seed=3)
    monkeypatch.setattr(data.synthetic, "load", lambda say: made)
    return made


def refused(*words, boxes=False, **more):
    with pytest.raises(DiagnosticsError) as caught:
        Tried(*words, **more).open(boxes)
    (found,) = caught.value.diagnostics
    return found.code, f"{found.message} {found.expected} {found.found}"


def copied(run: Path, to: Path, **data: object) -> Path:
    """A copy of the run, with something else in config.yaml's `data`."""
    shutil.copytree(run, to)
    config = yaml.safe_load((to / "config.yaml").read_text())
    config["data"] |= data
    (to / "config.yaml").write_text(yaml.safe_dump(config))
    return to


def test_its_own(trained_run, few):
    for name in (None, "shapes", "shapes+"):
        subject, choice = Tried(trained_run, name).open(boxes=True)
        assert choice.data == "shapes" and choice.class_names == subject.classes == tuple(FORMS)
        assert Tried(trained_run, name).load(choice, Silent()).split("test")[0].shape == (90, 3, 32, 32)


def test_data_that_do_not_go_with_it(trained_run):
    code, text = refused(trained_run, "cifar10")
    assert code == "NET613" and "hourglass" in text and "airplane" in text
    code, text = refused(trained_run, "mnist")
    assert code == "NET613" and "1x28x28" in text
    assert refused(trained_run, "shaps")[0] == "NET510"


def test_no_run(tmp_path):
    assert refused(tmp_path)[0] == refused(tmp_path / "nothing")[0] == "NET552"


def test_data_without_boxes(trained_run, tmp_path):
    other = copied(trained_run, tmp_path / "run", name="cifar10", classes=None)
    code, text = refused(other, boxes=True)
    assert code == "NET614" and "cifar10" in text
    assert Tried(other).open()[1].data == "cifar10"


def test_a_folder_with_the_same_classes(trained_run, few, tmp_path):
    """Its sub-folders stand in another order than the run's classes: a class's number is the run's."""
    for number in range(20):
        name = few.class_names[few.test_labels[number]]
        path = tmp_path / "some" / "test" / name / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(few.test_images[number].permute(1, 2, 0).numpy()).save(path)
    for name in FORMS:
        for kind in ("train", "test"):
            path = tmp_path / "some" / kind / name / "plain.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (32, 32), (90, 90, 90)).save(path)
    wrong = {each.mistake.number for each in find_mistakes(Tried(trained_run), count=90).seen}
    found = find_mistakes(Tried(trained_run, f"folder:{tmp_path / 'some'}"), count=90)
    assert found.images == 30
    seen = {
        each.image.numpy().tobytes(): each.mistake.true
        for each in found.seen
        if each.image.float().std() > 0  # the plain ones aside
    }
    theirs = {few.test_images[n].numpy().tobytes(): few.class_names[few.test_labels[n]] for n in wrong if n < 20}
    assert seen == theirs != {}


def test_some_of_the_classes(few, tmp_path):
    """A run of three classes is tried on the images of these."""
    run = tmp_path / "run"
    train(TrainConfig("tiny", "shapes", epochs=1, classes=("ring", "star", "disk"), out=run, device="cpu"))
    found = localize(Tried(run), keep=40)
    assert found.result.images == 27
    assert {each.name for each in found.found} == {"ring", "star", "disk"}


def test_weights_that_have_diverged(trained_run, few, tmp_path):
    run = copied(trained_run, tmp_path / "run")
    weights = load_file(run / "model.safetensors")
    weights["linear1.bias"][3] = torch.nan
    save_file(weights, run / "model.safetensors")
    for task in (localize, find_mistakes):
        with pytest.raises(DiagnosticsError) as caught:
            task(Tried(run))
        assert caught.value.diagnostics[0].code == "NET540"
