"""Settings typed on the command line, and a run's configuration taken back."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netdsl.diagnostics import DiagnosticsError
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.augmentations import ColourJitter, Flip, Mixup, PadCrop, PcaNoise, ScaleJitter
from netdsl.recipes.inits import INITS, Gaussian, He
from netdsl.recipes.losses import L1, LOSSES, Hinge, Mse, targets_of
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import OPTIMIZERS
from netdsl.recipes.read import SETTINGS, method_from
from netdsl.recipes.schedules import SCHEDULES, Step
from netdsl.tasks.setup.again import taken_back
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

NET = "C3-4 R P G F10"
METHODS = st.builds(
    Method,
    optimizer=st.sampled_from([made() for made in OPTIMIZERS.values()]),
    schedule=st.sampled_from([Step((0.25, 0.5), (0.1, 0.2)), *(made() for made in SCHEDULES.values())]),
    init=st.sampled_from([He("uniform", "out"), Gaussian(0.01), *(made() for made in INITS.values())]),
    decay_norms=st.booleans(),
    l1_penalty=st.floats(0, 1),
    recompute_norms=st.booleans(),
    warmup=st.floats(0, 9),
    label_smoothing=st.floats(0, 0.5),
    clip_gradient=st.none() | st.floats(0.01, 99),
    ema=st.none() | st.floats(0, 0.99),
    freeze=st.none() | st.sampled_from(["@stage1", "stage1.conv2"]),
    lr_scale=st.lists(st.tuples(st.sampled_from(["@stage1", "linear1"]), st.floats(1e-3, 9))).map(tuple),
    epochs=st.integers(1, 500),
    augment=st.sampled_from(
        [(), (PadCrop(4), Flip()), (ScaleJitter(256, 480), ColourJitter(), PcaNoise(), Mixup(0.3))]
    ),
    resize=st.none() | st.integers(1, 999),
    crop=st.none() | st.integers(1, 999),
    accumulate=st.integers(1, 9),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


@given(METHODS)
def test_what_is_written_down_reads_as_it_was(folder, method):
    (folder / "config.yaml").write_text(yaml.safe_dump(dict(method.as_settings())), encoding="utf-8")
    asked, recipe, source = taken_back(TrainConfig(NET, "shapes", config=folder / "config.yaml"))
    assert method_from(recipe) == method
    assert set(recipe.settings) == set(SETTINGS)
    assert (asked.seed, asked.deterministic, source) == (method.seed, method.deterministic, None)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        *((made(), targets_of(word)[0]) for word, made in LOSSES.items()),
        (Hinge(0.5, 2), "label"),
        (Mse(), "input"),
        (L1(), "box"),
    ],
)
def test_a_loss_that_is_written_down_reads_as_it_was(folder, loss, target):
    method = Method(loss=loss, target=target)
    (folder / "config.yaml").write_text(yaml.safe_dump(dict(method.as_settings())), encoding="utf-8")
    assert method_from(taken_back(TrainConfig(NET, "shapes", config=folder))[1]) == method


def test_typed_settings_are_the_recipes_words():
    texts = {"optimizer": "adam(lr=1e-3, beta1=.8)", "schedule": "step(at=[50%, 3/4])", "ema": "none"}
    method = method_from(typed_recipe(texts))
    assert (method.optimizer.lr, method.optimizer.beta1) == (0.001, 0.8)
    assert method.schedule == Step((0.5, 0.75), (0.1, 0.1))
    assert method.ema is None


@pytest.mark.parametrize(
    ("texts", "code", "says"),
    [
        ({"epoch": "3"}, "NET530", "`epochs`"),
        ({"optimizer": "adan"}, "NET531", "`adam`"),
        ({"batch": "1/0"}, "NET208", "--set-recipe batch"),
        ({"batch": "0"}, "NET532", "--set-recipe batch:1:1"),
        ({"batch": "(3"}, "NET105", "--set-recipe batch"),
    ],
)
def test_typed_mistakes(texts, code, says):
    with pytest.raises(DiagnosticsError) as caught:
        method_from(typed_recipe(texts))
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert says in str(caught.value)


def test_a_run_again_from_its_configuration_alone(few):
    Path("x.net").write_text(
        "net x(f = 4) { input 3x32x32 C3-{f} R P4 D.5 F10 }\n"
        "recipe shapes { batch = 64 optimizer = adam schedule = cosine ema = 0.9 label_smoothing = 0.1 set f = 6 }"
    )
    first = train(
        TrainConfig("x.net", "shapes", epochs=2, seed=5, subset=200, with_rules="R -> B R", deterministic=True)
    )
    Path("x.net").unlink()
    again = train(TrainConfig(config=first.run / "config.yaml"))
    once_more = train(TrainConfig(config=again.run))
    weights = [(run.run / "model.safetensors").read_bytes() for run in (first, again, once_more)]
    assert weights[0] == weights[1] == weights[2]
    one, two = (yaml.safe_load((run.run / "config.yaml").read_text()) for run in (first, again))
    assert {name: one[name] for name in (*SETTINGS, "seed", "subset", "deterministic", "data")} == {
        name: two[name] for name in (*SETTINGS, "seed", "subset", "deterministic", "data")
    }
    assert (one["recipe"], two["recipe"]) == ("shapes", str(first.run / "config.yaml"))


def test_options_beside_it_win(few):
    first = train(TrainConfig(NET, "shapes", epochs=1, seed=5, lr=0.3, set_recipe={"schedule": "halve(every=1)"}))
    asked = TrainConfig(config=first.run, seed=0, epochs=2, set_recipe={"batch": "50", "epochs": "9"}, out=Path("o"))
    used = yaml.safe_load((train(asked).run / "config.yaml").read_text())
    assert (used["seed"], used["epochs"], used["batch"]) == (0, 2, 50)
    assert used["optimizer"]["sgd"]["lr"] == 0.3
    assert used["schedule"] == {"halve": {"every": 1}}


def test_how_it_was_computed_comes_back(few):
    asked = TrainConfig(NET, "shapes", epochs=1, precision="bf16", accumulate=2, device="cpu", batch=50)
    first = train(asked)
    again = train(TrainConfig(config=first.run))
    one, two = (yaml.safe_load((run.run / "config.yaml").read_text()) for run in (first, again))
    for used in (one, two):
        assert (used["precision"], used["accumulate"], used["compile"]) == ("bf16", 2, False)
    assert (first.run / "model.safetensors").read_bytes() == (again.run / "model.safetensors").read_bytes()
    whole = train(TrainConfig(config=first.run, accumulate=1))
    assert (first.run / "model.safetensors").read_bytes() != (whole.run / "model.safetensors").read_bytes()


def test_another_net_beside_it(few):
    Path("y.net").write_text("net y { input 3x32x32 C3-4 R P4 F10 }\nrecipe shapes { batch = 7 }")
    first = train(TrainConfig(NET, "shapes", epochs=1, batch=50))
    used = yaml.safe_load((train(TrainConfig("y.net", config=first.run)).run / "config.yaml").read_text())
    assert (used["net"]["name"], used["batch"], used["data"]["name"]) == ("y", 50, "shapes")


def test_what_cannot_be_taken_back():
    Path("c").mkdir()
    asked = TrainConfig(NET, "shapes", config=Path("c/config.yaml"))
    for text, code in (
        (None, "NET552"),
        ("[", "NET553"),
        ("batch: 0", "NET532"),
        ("optimizer: {sgd: 3}", "NET532"),
        ("schedule: {stop: {at: [0.5]}}", "NET531"),
    ):
        if text is not None:
            asked.config.write_text(text)
        with pytest.raises(DiagnosticsError) as caught:
            train(asked)
        assert [d.code for d in caught.value.diagnostics] == [code], text
        assert "c" in str(caught.value)
    with pytest.raises(DiagnosticsError) as caught:
        train(replace(asked, data=None))
    assert caught.value.diagnostics[0].code == "NET553"
