"""From a recipe's lines to a method."""

import pytest

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError, Source, Span
from netdsl.ir.network import Call, Recipe
from netdsl.layers.attributes import TagValue
from netdsl.recipes.augmentations import ColourJitter, Crop, Cutout, Flip, Mixup, PadCrop, PcaNoise, ScaleJitter
from netdsl.recipes.inits import Gaussian, Glorot, He, Lsuv, Torch
from netdsl.recipes.losses import CrossEntropy, Hinge, RankingHinge
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.read import method_from
from netdsl.recipes.schedules import Constant, Step


def read(**settings):
    return method_from(Recipe("mnist", settings))


def test_the_baseline_of_the_thesis():
    method = read(
        optimizer=Call("sgd", kwargs={"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        weight_decay=1e-5,
        batch=128,
        epochs=30,
        schedule=Call("step", kwargs={"at": [2 / 3], "factor": 0.1}),
        normalize="channel",
        init="he",
    )
    assert method == Method(Sgd(0.1, 0.9, True), 1e-5, 128, 30, Step((2 / 3,), (0.1,)), "channel", He())


def test_the_bundled_baseline():
    recipe = compile_network("baseline").recipes["mnist"]
    method = method_from(recipe)
    assert method.optimizer == Sgd(0.1, 0.9, True)
    assert (method.epochs, method.batch, method.weight_decay) == (30, 128, 1e-5)
    assert method.schedule.scale(20 * 469, 30 * 469) == 0.1


def test_no_recipe_and_an_empty_one():
    assert method_from(None) == read() == Method()


def test_factors_one_by_one():
    """NiN on MNIST in the thesis: by 2 after 40 of 60 epochs, by 5 after 50."""
    schedule = read(schedule=Call("step", kwargs={"at": [40 / 60, 50 / 60], "factor": [0.5, 0.2]})).schedule
    assert [schedule.scale(epoch, 60) for epoch in (39, 40, 50)] == [1, 0.5, pytest.approx(0.1)]


def test_by_position_and_by_word():
    assert read(optimizer=Call("sgd", (0.2, 0.8))).optimizer == Sgd(0.2, 0.8)
    assert read(optimizer="sgd").optimizer == Sgd()
    assert read(schedule="constant").schedule == Constant()
    assert read(init=Call("gaussian", kwargs={"std": 0.05})).init == Gaussian(0.05)
    assert read(init="torch").init == Torch()
    assert [read(normalize=word).normalize for word in ("none", "zca", "imagenet")] == ["none", "zca", "imagenet"]
    assert (read(resize=256, crop="none").resize, read(crop=224).crop, read(crop="none").crop) == (256, 224, None)
    assert (read().classes, read(classes="imagenet").classes, read(classes="none").classes) == (None, "imagenet", None)
    assert read(schedule=Call("step", kwargs={"at": 0.5})).schedule == Step((0.5,), (0.1,))


def test_augmentation_in_its_order():
    assert read(augment=[Call("pad_crop", (4,)), "flip"]).augment == (PadCrop(4), Flip(0.5))
    assert read(augment=[Call("flip", (0.25,)), Call("cutout", kwargs={"size": 16})]).augment == (
        Flip(0.25),
        Cutout(16),
    )
    assert read(augment=["crop", Call("scale_jitter", (256, 512)), "pca_noise", Call("mixup", (1,))]).augment == (
        Crop(),
        ScaleJitter(256, 512),
        PcaNoise(0.1),
        Mixup(1),
    )
    assert read(augment=Call("colour_jitter", (0.1,), {"saturation": 0})).augment == (ColourJitter(0.1, 0.4, 0),)
    assert read(augment="flip").augment == (Flip(),)
    assert read(augment=[]).augment == read().augment == ()


def test_losses_and_targets():
    assert read().loss == CrossEntropy() and read().target == "label"
    method = read(loss=Call("hinge", kwargs={"margin": 0.5, "p": 2}))
    assert method.loss == Hinge(0.5, 2)
    assert read(loss="mse", target="input").target == "input"
    assert read(loss=Call("ranking_hinge", (2,))).loss == RankingHinge(2)


def test_first_weights():
    assert read(init=Call("he", kwargs={"fan": "out"})).init == He("normal", "out")
    assert read(init=Call("glorot", ("normal",))).init == Glorot("normal")
    assert read(init="lsuv").init == Lsuv()


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ({"epoch": 3}, "NET530", "`epochs`"),
        ({"optimiser": "sgd"}, "NET530", "`optimizer`"),
        ({"optimizer": "sdg"}, "NET531", "`sgd`"),
        ({"optimizer": Call("sgd", kwargs={"learning_rate": 1})}, "NET531", "learning_rate"),
        ({"optimizer": Call("sgd", kwargs={"momentun": 0.9})}, "NET531", "`momentum`"),
        ({"optimizer": Call("sgd", (0.1,), {"lr": 0.2})}, "NET531", "twice"),
        ({"optimizer": Call("sgd", (1, 2, 3, 4))}, "NET532", "sgd(lr, momentum, nesterov)"),
        ({"optimizer": 0.1}, "NET532", "sgd"),
        ({"optimizer": Call("sgd", kwargs={"lr": -0.1})}, "NET532", "above 0"),
        ({"optimizer": Call("sgd", kwargs={"lr": "high"})}, "NET532", "high"),
        ({"optimizer": Call("sgd", kwargs={"momentum": 1})}, "NET532", "below 1"),
        ({"optimizer": Call("sgd", kwargs={"nesterov": 3})}, "NET532", "true or false"),
        ({"batch": 0}, "NET532", "from 1 on"),
        ({"batch": 1.5}, "NET532", "whole"),
        ({"batch": True}, "NET532", "whole"),
        ({"epochs": "many"}, "NET532", "many"),
        ({"weight_decay": -1}, "NET532", "0 or more"),
        ({"schedule": Call("step", kwargs={"at": [0.5, 0.2]})}, "NET532", "[0.5, 0.2]"),
        ({"schedule": Call("step", kwargs={"at": [50]})}, "NET532", "shares"),
        ({"schedule": Call("step", kwargs={"at": []})}, "NET532", "shares"),
        ({"schedule": Call("step", kwargs={"at": [0.5], "factor": [0.1, 0.1]})}, "NET532", "one number, or 1"),
        ({"schedule": "cosinus"}, "NET531", "`cosine`"),
        ({"normalize": "chanel"}, "NET531", "`channel`"),
        ({"augment": ["flop"]}, "NET531", "`flip`"),
        ({"augment": ["pad_crop"]}, "NET532", "pad_crop(padding)"),
        ({"augment": [Call("pad_crop", (0,))]}, "NET532", "from 1 on"),
        ({"augment": [Call("cutout", (1.5,))]}, "NET532", "whole"),
        ({"augment": [Call("flip", (1.5,))]}, "NET532", "0 to 1"),
        ({"augment": [Call("flip", kwargs={"q": 1})]}, "NET531", "`q`"),
        ({"augment": 4}, "NET532", "pad_crop(padding)"),
        ({"augment": [Call("scale_jitter", (256,))]}, "NET532", "scale_jitter(min, max)"),
        ({"augment": [Call("scale_jitter", (256, 128))]}, "NET532", "256 pixels or more"),
        ({"augment": ["mixup", "flip"]}, "NET532", "last in the list"),
        ({"augment": ["mixup", "mixup"]}, "NET532", "last in the list"),
        ({"augment": [Call("mixup", (0,))]}, "NET532", "above 0"),
        ({"augment": [Call("colour_jitter", (2,))]}, "NET532", "0 to 1"),
        ({"augment": ["color_jitter"]}, "NET531", "`colour_jitter`"),
        ({"augment": [Call("pca_noise", (-1,))]}, "NET532", "0 or more"),
        ({"augment": [Call("crop", (3,))]}, "NET532", "`crop`"),
        ({"resize": 0}, "NET532", "from 1 on"),
        ({"classes": "imagnet"}, "NET531", "did you mean `imagenet`?"),
        ({"crop": "wide"}, "NET532", "whole number"),
        ({"normalize": "image_net"}, "NET531", "`imagenet`"),
        ({"init": "xavier"}, "NET531", "he, glorot, gaussian, lsuv, torch"),
        ({"init": Call("gaussian", kwargs={"std": 0})}, "NET532", "above 0"),
        ({"init": Call("he", ("norml",))}, "NET531", "`normal`"),
        ({"init": Call("he", kwargs={"fan": "average"})}, "NET531", "in, out"),
        ({"loss": "hings"}, "NET531", "`hinge`"),
        ({"loss": Call("hinge", kwargs={"p": 3})}, "NET532", "1 or 2"),
        ({"loss": Call("mse", (1,))}, "NET532", "mse"),
        ({"target": "boxes"}, "NET531", "`box`"),
        ({"target": "input"}, "NET533", "loss = mse"),
        ({"target": "box", "loss": "hinge"}, "NET533", "hinge"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "NET533", "label_smoothing"),
        ({"batch": 8, "accumulate": 5}, "NET533", "at most 4 parts"),
        ({"l1_penalty": -1}, "NET532", "0 or more"),
        ({"recompute_norms": 1}, "NET532", "true or false"),
    ],
)
def test_mistakes(settings, code, says):
    with pytest.raises(DiagnosticsError) as caught:
        read(**settings)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert says in str(caught.value)


def test_all_mistakes_at_once_each_at_its_line():
    source = Source("x.net", "recipe mnist {\n  batch = 0\n  epoch = 3\n}")
    spans = {name: Span(source, source.text.index(name), source.text.index(name) + 5) for name in ("batch", "epoch")}
    with pytest.raises(DiagnosticsError) as caught:
        method_from(Recipe("mnist", {"batch": 0, "epoch": 3}, spans=spans))
    assert [diagnostic.span.line for diagnostic in caught.value.diagnostics] == [2, 3]


def test_parts_of_the_net():
    tag = TagValue("stage1")
    assert read(freeze=tag).freeze == "@stage1"
    assert read(freeze="conv1").freeze == "conv1"
    assert read(freeze="none").freeze is None
    assert read(lr_scale=[tag, 0.1]).lr_scale == (("@stage1", 0.1),)
    assert read(lr_scale=[[tag, 0.1], ["conv1", 2]]).lr_scale == (("@stage1", 0.1), ("conv1", 2.0))
    assert read(lr_scale="none").lr_scale == read(lr_scale=[]).lr_scale == ()
    for wrong in ([tag], [tag, 0], [tag, -1], tag, 3, [[tag, 0.1], tag]):
        with pytest.raises(DiagnosticsError) as caught:
            read(lr_scale=wrong)
        assert caught.value.diagnostics[0].code == "NET532"
    for wrong in (3, [tag], "", Call("layer", (3,))):
        with pytest.raises(DiagnosticsError) as caught:
            read(freeze=wrong)
        assert caught.value.diagnostics[0].code == "NET532"
