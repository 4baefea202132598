"""Conditions and classes: a net with a condition is trained on the class that each image has."""

import pytest

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

NET = "net told {{ input 3x32x32  condition label({})  C3-4/4 I{{label}} R  U4 C3-3 I{{label}} }}"
IMAGES = {"loss": "mse", "target": "input"}


def refused(config: TrainConfig):
    with pytest.raises(DiagnosticsError) as caught:
        train(config)
    return caught.value.diagnostics[0]


def test_the_condition_is_the_images_class(few) -> None:
    told, not_told = (
        train(TrainConfig(net, "shapes", set_recipe=IMAGES, epochs=3, batch=25, lr=0.1))
        for net in (NET.format(10), "net plain { input 3x32x32  C3-4/4 I R  U4 C3-3 I }")
    )
    assert told.epochs[-1].test_loss < told.epochs[0].test_loss
    assert told.epochs[-1].test_loss != not_told.epochs[-1].test_loss
    assert evaluate(told.run).loss == pytest.approx(told.epochs[-1].test_loss, rel=1e-5)


def test_another_number_of_values(few) -> None:
    found = refused(TrainConfig(NET.format(3), "shapes", set_recipe=IMAGES))
    assert (found.code, found.found) == ("NET671", "condition label(3)")
    assert found.expected.startswith("`condition label(10)`")


def test_a_net_that_is_told_what_it_is_to_find(few) -> None:
    net = "net cheat { input 3x32x32  condition label(10)  C3-8/2 I{label} R  G F10 }"
    found = refused(TrainConfig(net, "shapes"))
    assert found.code == "NET671" and "told the class" in found.message


def test_a_style_is_for_a_net_that_paints(few) -> None:
    for changes in ({"styles": ("a",)}, {"set_recipe": {"loss": "perceptual", "target": "style"}}):
        assert refused(TrainConfig("tiny", "shapes", **changes)).code == "NET670"
