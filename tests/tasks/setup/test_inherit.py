"""Training that begins with other weights."""

import shutil
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.train import train

NET = "net a(classes = 10) { input 3x32x32  (C3-4 B R P) @one  (C3-6 B R P) @two  G F{classes} }"


def config(**changes):
    return TrainConfig(**{"net": NET, "data": "shapes", "epochs": 1, "batch": 50, **changes})


def weights(run):
    return load_file(run / "model.safetensors")


def used(run):
    return yaml.safe_load((run / "config.yaml").read_text())


class Stopped(Silent):
    """Keeps what the run begins with, and lets it not begin."""

    def start(self, plan):
        self.plan = plan
        raise KeyboardInterrupt


def begun(**changes):
    watch = Stopped()
    with pytest.raises(KeyboardInterrupt):
        train(config(**changes), watch)
    return watch.plan


@pytest.fixture
def first(few):
    return train(config(seed=1)).run


def test_a_frozen_part_of_another_run_stays_to_the_bit(first):
    run = train(config(init_from=first, init_to="@one", freeze_to="@one", seed=2, epochs=2)).run
    before, after = weights(first), weights(run)
    equal = {name for name in before if torch.equal(before[name], after[name])}
    assert equal == {name for name in before if name.startswith("one.")}
    kept = used(run)
    assert (kept["freeze"], kept["init_from"]["to"], kept["init_from"]["taken"]) == ("@one", "@one", 2)
    assert evaluate(run).images == 100


def test_all_that_fits_is_taken(first):
    inherited = begun(init_from=first).inherited
    assert inherited.taken.new == () and len(inherited.taken.layers) == 5
    before = weights(first)
    assert all(torch.equal(inherited.weights[name], before[name]) for name in before)


def test_a_file_of_weights_alone(first):
    tensors = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in weights(first).items()}
    save_file(tensors, "half.safetensors")
    torch.save({"state_dict": tensors}, "half.pt")
    for name in ("half.safetensors", "half.pt"):
        inherited = begun(init_from=Path(name)).inherited
        assert len(inherited.taken.layers) == 5
        assert inherited.weights["linear1.weight"].dtype == torch.float32


def test_only_some_parts(first):
    taken = begun(init_from=first, init_to="@one", init_parts=("linear1",)).inherited.taken
    assert list(taken.layers) == ["one.conv1", "one.batch_norm1", "linear1"]


def test_a_shallower_run(first):
    deeper = NET.replace("(C3-6 B R P) @two", "(C3-6 B R C3-6 B R P) @two")
    taken = begun(net=deeper, init_from=first).inherited.taken
    assert taken.new == ("two.conv2", "two.batch_norm2")
    untagged = deeper.replace("@two", "").replace("@one", "")
    taken = begun(net=untagged, init_from=first).inherited.taken
    assert taken.how == "by stage" and taken.new == ("conv3", "batch_norm3")


def test_a_new_head(first):
    plan = begun(init_from=first, replace_head=True)
    assert plan.inherited.taken.new == ("linear1",)


def test_the_same_again_from_the_configuration(first):
    run = train(
        config(init_from=first, init_to="@two", freeze_to="@one", lr_at={"linear1": 2.0}, replace_head=True)
    ).run
    again = train(TrainConfig(config=run)).run
    assert (run / "model.safetensors").read_bytes() == (again / "model.safetensors").read_bytes()
    one, two = used(run), used(again)
    assert {name: one[name] for name in ("init_from", "replace_head", "freeze", "lr_scale")} == {
        name: two[name] for name in ("init_from", "replace_head", "freeze", "lr_scale")
    }
    assert one["lr_scale"] == [["linear1", 2.0]]


def test_weights_that_have_changed_since(first):
    run = train(config(init_from=first)).run
    save_file({name: tensor + 1 for name, tensor in weights(first).items()}, first / "model.safetensors")
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(config=run))
    assert [d.code for d in caught.value.diagnostics] == ["NET572"]
    assert begun(config=run, init_from=first).inherited is not None, "named again, they are taken as they are"
    shutil.rmtree(first)
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(config=run))
    assert [d.code for d in caught.value.diagnostics] == ["NET572"]


def test_a_stopped_run_goes_on_without_them(first):
    """Its state has all weights; the frozen ones stay frozen."""

    class Stop(Silent):
        def epoch(self, epoch):
            if epoch.epoch == 1:
                raise KeyboardInterrupt

    asked = {"init_from": first, "freeze_to": "@one", "lr_at": {"@two": 0.5}, "epochs": 3}
    whole = train(config(**asked, out=Path("whole"))).run
    with pytest.raises(KeyboardInterrupt):
        train(config(**asked, out=Path("parts")), Stop())
    shutil.rmtree(first)
    train(TrainConfig(resume=Path("parts")))
    assert (whole / "model.safetensors").read_bytes() == Path("parts/model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"init_from": Path("nowhere")}, "NET520"),
        ({"init_from": Path("empty")}, "NET552"),
        ({"init_from": Path("other.safetensors")}, "NET570"),
        ({"init_from": Path("other.safetensors"), "init_to": "@on"}, "NET209"),
        ({"freeze_to": "@three"}, "NET209"),
        ({"freeze_to": "linear1"}, "NET543"),
        ({"lr_at": {"@three": 2.0}}, "NET209"),
        ({"net": "C3-4 R F10 R F10", "replace_head": True, "data": "shapes"}, None),
        ({"net": "C3-4 R F9 R F9", "replace_head": True}, "NET571"),
    ],
)
def test_what_is_refused_before_a_folder_is_made(few, changes, code):
    Path("empty").mkdir()
    save_file({"x.weight": torch.ones(3)}, "other.safetensors")
    if code is None:
        assert begun(**changes) is not None
        return
    with pytest.raises(DiagnosticsError) as caught:
        train(config(**changes))
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert not Path("runs").exists()
