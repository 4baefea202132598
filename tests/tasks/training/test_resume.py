"""A run that is stopped anywhere goes on to the numbers of one that was not, to the bit."""

import json
import resource
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.learning.recompute_norms import recompute_norms
from netdsl.tasks.learning.stepper import Stepper
from netdsl.tasks.runs.run_folder import RunFolder
from netdsl.tasks.runs.state_file import read_state
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training import keeper as keeping
from netdsl.tasks.training.keeper import Keeper
from netdsl.tasks.training.stop import Stopped
from netdsl.tasks.training.train import train

NET = "C3-8 B R P D.3 C3-8 B R P F10"
RECIPE = {"augment": "[pad_crop(3), flip, cutout(5)]", "clip_gradient": "1"}
FILES = ("model.safetensors", "best.safetensors")
IN_EPOCH = 10


def config(out, **recipe):
    return TrainConfig(
        NET, "shapes", out=Path(out), epochs=3, batch=32, seed=4, deterministic=True, set_recipe={**RECIPE, **recipe}
    )


def stop_at(monkeypatch, *batches):
    """Ctrl-C after so many batches of a process, one process after the other."""
    left = [*batches, 10**9]

    class Stopping(Keeper):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.count = left.pop(0)

        def after_batch(self):
            self._tick()
            super().after_batch()

        def stop_if_asked(self):
            self._tick()
            super().stop_if_asked()

        def _tick(self):
            self.count -= 1
            if self.count == 0:
                self.request.number = 2

    monkeypatch.setattr("netdsl.tasks.training.train.Keeper", Stopping)


def figures(run):
    """All columns of metrics.csv but the seconds, and the weights."""
    rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    return [row[:6] + row[7:] for row in rows], [(run / name).read_bytes() for name in FILES]


@pytest.mark.parametrize(
    "recipe",
    [
        {"ema": "0.9"},
        {"optimizer": "adam(lr=0.002)", "schedule": "cosine", "warmup": "0.5"},
        {"optimizer": "rmsprop(lr=0.01)", "schedule": "plateau(patience=1)", "ema": "0.5"},
        {"optimizer": "adagrad", "weight_decay": "1e-3", "decay_norms": "false"},
        {"optimizer": "adadelta", "schedule": "exponential(every=0.5, factor=0.8)"},
        {"optimizer": "sgd(lr=0.05, momentum=0)"},
        {"augment": "[scale_jitter(32, 40), colour_jitter, pca_noise, flip, mixup]"},
    ],
    ids=lambda recipe: ", ".join(recipe.values()),
)
@pytest.mark.parametrize("stops", [(3,), (IN_EPOCH, 4), (1, 1, 1, 20)], ids=str)
def test_stopped_and_resumed(few, monkeypatch, recipe, stops):
    whole = train(config("whole", **recipe)).run
    stop_at(monkeypatch, *stops)
    with pytest.raises(Stopped):
        train(config("parts", **recipe))
    for _ in stops[1:]:
        with pytest.raises(Stopped):
            train(TrainConfig(resume=Path("parts")))
    result = train(TrainConfig(resume=Path("parts")))
    assert [epoch.epoch for epoch in result.epochs] == [1, 2, 3]
    assert figures(whole) == figures(result.run)
    assert not list(result.run.glob("*state*")), "a complete run needs no state"
    assert json.loads((result.run / "result.json").read_text())["epochs"] == 3


def test_saved_every_so_often(few, monkeypatch):
    saved = []
    monkeypatch.setattr(keeping, "write_state", lambda folder, tensors, facts: saved.append(facts["batch"]))
    train(TrainConfig(NET, "shapes", epochs=1, batch=32, save_every=1e-9))
    assert saved == [*range(1, IN_EPOCH), 0]
    saved.clear()
    train(TrainConfig(NET, "shapes", epochs=2, batch=32))
    assert saved == [0, 0]


def test_killed_between_the_state_and_the_files_that_follow_from_it(few, monkeypatch):
    whole = train(config("whole")).run
    keep = RunFolder.add

    def add(folder, epochs, module):
        if len(epochs) == 2:
            raise RuntimeError("killed")
        keep(folder, epochs, module)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(RunFolder, "add", add)
        train(config("parts"))
    assert len((Path("parts") / "metrics.csv").read_text().splitlines()) == 2
    assert figures(train(TrainConfig(resume=Path("parts"))).run) == figures(whole)


def test_killed_before_anything_was_saved(few, monkeypatch):
    whole = train(config("whole")).run

    def killed(*arguments):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(keeping, "write_state", killed)
        train(config("parts"))
    (Path("parts") / ".state.safetensors.0123abcd.part").write_text("half")
    assert figures(train(TrainConfig(resume=Path("parts"))).run) == figures(whole)
    assert not list(Path("parts").glob(".*"))


class Told(Silent):
    def __init__(self):
        self.messages = []

    def say(self, message):
        self.messages.append(message)


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-50] ^= 4
    path.write_bytes(bytes(content))


def change_a_fact(path):
    path.write_bytes(path.read_bytes().replace(b'\\"batch\\": 5', b'\\"batch\\": 6'))


@pytest.mark.parametrize("damage", [cut, flip_a_bit, change_a_fact])
def test_a_damaged_state_is_named_and_the_one_before_is_used(few, monkeypatch, damage):
    whole = train(config("whole")).run
    stop_at(monkeypatch, IN_EPOCH + 5)
    with pytest.raises(Stopped):
        train(config("parts"))
    before = (Path("parts") / "state.safetensors").read_bytes()
    damage(Path("parts") / "state.safetensors")
    assert (Path("parts") / "state.safetensors").read_bytes() != before
    told = Told()
    assert figures(train(TrainConfig(resume=Path("parts")), told).run) == figures(whole)
    assert "`parts/state.safetensors` is damaged" in told.messages[-2]
    assert told.messages[-1] == "going on in epoch 2"


def test_two_damaged_states(few, monkeypatch):
    stop_at(monkeypatch, IN_EPOCH + 5)
    with pytest.raises(Stopped):
        train(config("parts"))
    for name in ("state.safetensors", "state.previous.safetensors"):
        cut(Path("parts") / name)
    assert refused() == "NET557"


def refused(**options):
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(resume=Path("parts"), **options))
    return caught.value.diagnostics[0].code


def test_what_cannot_be_resumed(few, few_shapes, monkeypatch):
    assert refused() == "NET552"
    stop_at(monkeypatch, 5)
    with pytest.raises(Stopped):
        train(config("parts"))
    text = (Path("parts") / "config.yaml").read_text()
    (Path("parts") / "config.yaml").write_text(text.replace("ema: none", "ema: 0.5"))
    assert refused() == "NET558", "another method has other tensors"
    (Path("parts") / "config.yaml").write_text(text)
    monkeypatch.setattr("netdsl.data.synthetic.load", lambda say: few_shapes.first(200))
    assert refused() == "NET558", "other data"
    monkeypatch.setattr("netdsl.data.synthetic.load", lambda say: few_shapes)
    train(TrainConfig(resume=Path("parts")))
    assert refused() == "NET559"


def test_a_folder_is_one_process_s(few, monkeypatch):
    stop_at(monkeypatch, 5)
    with pytest.raises(Stopped):
        train(config("parts"))
    with RunFolder(Path("parts")):
        assert refused() == "NET556"
        with pytest.raises(DiagnosticsError) as caught:
            train(config("parts"))
        assert caught.value.diagnostics[0].code == "NET550"
    with RunFolder.create(Path("new"), "x"), pytest.raises(DiagnosticsError) as caught:
        train(config("new"))
    assert caught.value.diagnostics[0].code == "NET556"
    assert train(TrainConfig(resume=Path("parts"))).run == Path("parts")


def test_the_best_weights_are_kept(few):
    epochs = train(TrainConfig(NET, "shapes", epochs=6, batch=32, seed=1, out=Path("run"))).epochs
    best = json.loads(Path("run/result.json").read_text())["best"]
    assert best["test_error"] == min(epoch.test_error for epoch in epochs)
    last, kept = load_file("run/model.safetensors"), load_file("run/best.safetensors")
    assert last.keys() == kept.keys()
    assert (best["epoch"] == 6) == all(last[name].equal(kept[name]) for name in last)


def test_no_room_for_a_save_keeps_the_last_good_state(few, monkeypatch):
    """The system itself refuses files beyond a size, as a full disk would."""
    whole = train(config("whole")).run
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    save = Keeper.save

    def later_without_room(keeper):
        if keeper.training.epoch == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        save(keeper)

    with monkeypatch.context() as patch, pytest.raises(DiagnosticsError) as caught:
        patch.setattr(Keeper, "save", later_without_room)
        try:
            train(config("parts"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.diagnostics[0].code == "NET551"
    assert "parts/" in str(caught.value)
    assert len((Path("parts") / "metrics.csv").read_text().splitlines()) == 2
    assert not list(Path("parts").glob(".*"))
    assert figures(train(TrainConfig(resume=Path("parts"))).run) == figures(whole)


def test_weights_that_are_no_numbers_are_not_saved(few, monkeypatch):
    """The loss is still a number when a step has spoilt the weights."""
    saved = []
    monkeypatch.setattr(keeping, "write_state", lambda folder, tensors, facts: saved.append(facts["batch"]))
    update = Stepper.update

    def spoil(stepper):
        update(stepper)
        if stepper.done == 4:
            stepper._parameters[0].data.fill_(float("inf"))

    monkeypatch.setattr(Stepper, "update", spoil)
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(NET, "shapes", batch=32, save_every=1e-9))
    assert caught.value.diagnostics[0].code == "NET540"
    assert saved == [1, 2, 3]


def test_a_loss_that_is_no_number_does_not_replace_the_last_good_state(few):
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(NET, "shapes", out=Path("parts"), batch=32, lr=1e25, save_every=1e-9))
    assert caught.value.diagnostics[0].code == "NET540"
    state, _ = read_state(Path("parts"))
    assert state is None or all(tensor.isfinite().all() for name, tensor in state[0].items() if "module" in name)


def test_a_run_ends_when_its_norms_are_recomputed(few, monkeypatch):
    """The new statistics may make the last epoch the best one, which must not undo the end."""
    calls = []
    monkeypatch.setattr(
        "netdsl.tasks.training.training.recompute_norms",
        lambda *arguments: (calls.append(1), recompute_norms(*arguments)),
    )
    for seed in (3, 9, 11):
        recipe = {"early_stop": "1", "recompute_norms": "true"}
        train(replace(config(f"run{seed}", **recipe), seed=seed, epochs=8, valid_fraction=0.2))
        assert len(calls) == 1
        calls.clear()


def test_other_images_of_the_same_number(few, few_shapes, monkeypatch):
    stop_at(monkeypatch, 5)
    with pytest.raises(Stopped):
        train(config("parts"))
    darker = replace(few_shapes, train_images=few_shapes.train_images // 2)
    monkeypatch.setattr("netdsl.data.synthetic.load", lambda say: darker)
    assert refused() == "NET558"
