"""Small runs on the loss network's real weights: they learn, resume to the bit, and take further styles."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import load_file

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap
from netdsl.planning.form import plain
from netdsl.planning.peak import peak_bytes
from netdsl.style.fast.train import Wanted, paints, prepared
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.rehearsal import dry_run
from netdsl.tasks.training.train import train

from .conftest import LOSS_NETWORK, NET, SMALL, learned


def code(caught) -> str:
    return caught.value.diagnostics[0].code


def test_the_loss_falls_and_the_folder_says_how(photos, paintings) -> None:
    result = learned(photos, paintings[:1], recipe={"epochs": "4", "passes": "5"})
    losses = [epoch.test_loss for epoch in result.epochs]
    assert losses[-1] < 0.8 * losses[0] and result.epochs[-1].test_error is None
    used = yaml.safe_load((result.run / "config.yaml").read_text())
    assert (used["styles"], used["style_size"], used["loss_weights"]) == (["night"], 48, None)
    assert (used["loss"], used["target"]) == ({"perceptual": {"content": 1.0, "style": 5.0, "tv": 0.0}}, "style")
    assert used["data"]["train_images"] == 5 and used["data"]["test_images"] == 1
    assert (used["normalize"], used["batch"], used["init"]) == ("vgg", 2, {"gaussian": {"std": 0.05}})
    with Image.open(result.run / "styles" / "00-night.png") as kept, Image.open(result.run / "preview.png") as preview:
        assert kept.size == (48, 40) and preview.width > 2 * 32


def test_several_styles_make_a_condition(two) -> None:
    tensors = load_file(two / "model.safetensors")
    assert {len(tensor) for name, tensor in tensors.items() if "instance_norm" in name} == {2}
    assert yaml.safe_load((two / "config.yaml").read_text())["net"]["with"] == "condition style(2); I -> I{style}"
    assert paints(two) and paints(two / "config.yaml")


def test_a_run_that_is_stopped_goes_on_to_the_same_weights(photos, paintings, monkeypatch) -> None:
    from netdsl.tasks.training.keeper import Keeper

    whole = learned(photos, paintings[:2], out=Path("whole"), recipe={"epochs": "2"})
    kept, saved = Keeper.after_batch, []

    def stopped(keeper: Keeper) -> None:
        kept(keeper)
        saved.append(1)
        if len(saved) == 3:
            keeper.save()
            raise KeyboardInterrupt

    monkeypatch.setattr(Keeper, "after_batch", stopped)
    with pytest.raises(KeyboardInterrupt):
        learned(photos, paintings[:2], out=Path("parts"), recipe={"epochs": "2"})
    monkeypatch.setattr(Keeper, "after_batch", kept)
    for painting in paintings:
        Path(painting).unlink()  # the run's folder has them
    asked, purpose = prepared(TrainConfig(resume=Path("parts")), Wanted(), Silent())
    parts = train(asked, Silent(), purpose)
    assert (parts.run / "model.safetensors").read_bytes() == (whole.run / "model.safetensors").read_bytes()


def test_a_further_style_leaves_the_others_as_they_are(two, photos, paintings) -> None:
    added = learned(None, added=paintings[2:], net=None, init_from=two, out=Path("three"), recipe={"epochs": "2"})
    old, new = load_file(two / "model.safetensors"), load_file(added.run / "model.safetensors")
    changed = False
    for name, tensor in old.items():
        if "instance_norm" in name:
            assert torch.equal(new[name][:2], tensor), name
            changed |= not torch.allclose(new[name][2], tensor.mean(0), atol=1e-6)
        else:
            assert torch.equal(new[name], tensor), name
    assert changed
    used = yaml.safe_load((added.run / "config.yaml").read_text())
    assert (used["styles"], used["new_styles"]) == (["night", "wave", "scream"], 1)
    assert used["optimizer"]["adam"]["lr"] == pytest.approx(0.01), "ten times that of the whole net"
    assert sorted(file.name for file in (added.run / "styles").iterdir()) == [
        "00-night.png",
        "01-wave.png",
        "02-scream.png",
    ]
    assert added.epochs[-1].train_loss < added.epochs[0].train_loss
    again, _ = prepared(TrainConfig(init_from=added.run), Wanted(added=("night.png",)), Silent())
    assert again.lr == pytest.approx(0.01) and len(again.styles) == 4, "as fast as the one before"


def test_a_second_style_for_a_net_of_one(photos, paintings) -> None:
    one = learned(photos, paintings[:1], out=Path("one")).run
    added = learned(None, added=paintings[1:2], net=None, init_from=one, out=Path("both")).run
    old, new = load_file(one / "model.safetensors"), load_file(added / "model.safetensors")
    assert all(torch.equal(new[name].reshape(-1, *tensor.shape)[0], tensor) for name, tensor in old.items())


def test_equal_names_are_told_apart(photos, paintings) -> None:
    Path("more").mkdir()
    Path("night.png").rename("more/wave.png")
    run = learned(photos, ["wave.png", "more/wave.png"]).run
    assert sorted(file.name for file in (run / "styles").iterdir()) == ["00-wave.png", "01-wave-2.png"]


def test_a_net_with_a_recipe_of_its_own_and_a_dry_run(photos, paintings) -> None:
    changes = {"passes": "1", "resize": "32", "batch": "2"}
    asked = TrainConfig(net="pastiche.net:pastiche", settings={"f": "4"}, data=f"folder:{photos}", set_recipe=changes)
    asked, purpose = prepared(replace(asked, precision="fp32"), Wanted(tuple(paintings[:2]), size=32), Silent())
    found = dry_run(asked, Silent(), purpose)
    assert found.input == (2, 3, 32, 32) and found.output == (2, 3, 32, 32) and found.epochs == 2
    net = compile_network("pastiche.net:pastiche", {"f": "4"}, FeatureMap(3, (32, 32)))
    assert found.peak - 2 * 32 * 32 * LOSS_NETWORK == pytest.approx(peak_bytes(plain(net), 2, 2), rel=0.02)
    assert found.peak_plain == found.peak


def test_few_photographs_come_several_times(photos, paintings) -> None:
    _, purpose = prepared(TrainConfig(net=NET, data=f"folder:{photos}"), Wanted(tuple(paintings)), Silent())
    assert purpose.recipe is not None and purpose.recipe.settings["passes"] == 167, "of 6, for 1,000 images"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"data": "shapes"}, "NET670"),
        ({"set_recipe": {**SMALL, "loss": "mse", "target": "input"}}, "NET670"),
        ({"net": "pastiche.net:pastiche_six"}, "NET671"),
        ({"net": "net flat { input 3xHxW  C3-8 I R G F10 }"}, "NET526"),
    ],
)
def test_what_cannot_be_trained(photos, paintings, changes, expected) -> None:
    given = {"net": NET, "data": f"folder:{photos}", "set_recipe": SMALL, **changes}
    with pytest.raises(DiagnosticsError) as caught:
        asked, purpose = prepared(TrainConfig(**given), Wanted(tuple(paintings[:2])), Silent())
        train(asked, Silent(), purpose)
    assert code(caught) == expected


def test_no_style_is_named(photos) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(net="pastiche.net", data="shapes", set_recipe={"loss": "perceptual", "target": "style"}))
    assert code(caught) == "NET670"


def test_styles_that_cannot_be_added(photos, paintings, two) -> None:
    own = {"net": "pastiche.net:pastiche_six", "settings": {"f": "4"}, "recipe": {**SMALL, "passes": "1"}}
    six = learned(photos, [*paintings, "starry", "waves.jpg", "sunset"][:3] + paintings, out=Path("six"), **own).run
    for init_from in (None, Path("nothing"), six):
        with pytest.raises(DiagnosticsError) as caught:
            learned(None, added=paintings[:1], net=None, init_from=init_from)
        assert code(caught) == "NET673"
