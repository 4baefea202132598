"""Runs for other targets and losses than classes by cross-entropy: images, boxes, and what they leave out."""

import csv

import pytest
import yaml
from safetensors.torch import load_file

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.evaluation.evaluate import draw_confusion, evaluate, evaluate_all
from netdsl.tasks.evaluation.views import Views
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

NET = "C3-8 R P C3-8 R P F10"


def config(**changes):
    return TrainConfig(**{"net": NET, "data": "shapes", "epochs": 2, "batch": 32, **changes})


def code(caught):
    return caught.value.diagnostics[0].code


def test_an_autoencoder_has_a_loss_and_no_errors(few):
    result = train(TrainConfig("autoencoder", "shapes", {"f": "4"}, epochs=3, batch=50))
    assert result.epochs[-1].test_loss < 0.85 * result.epochs[0].train_loss
    assert {epoch.test_error for epoch in result.epochs} == {None} == {epoch.train_error for epoch in result.epochs}
    with (result.run / "metrics.csv").open() as file:
        assert all(row["test_error"] == row["train_error"] == "" for row in csv.DictReader(file))
    score = evaluate(result.run)
    assert (score.wrong, score.error, score.answers) == (None, None, None)
    assert score.loss == pytest.approx(result.epochs[-1].test_loss)
    used = yaml.safe_load((result.run / "config.yaml").read_text())
    assert (used["loss"], used["target"], used["init"]) == ("mse", "input", {"glorot": {"distribution": "normal"}})
    again = train(TrainConfig(config=result.run))
    assert (again.run / "model.safetensors").read_bytes() == (result.run / "model.safetensors").read_bytes()


def test_what_only_classes_have_is_refused_of_an_autoencoder(few):
    run = train(TrainConfig("autoencoder", "shapes", {"f": "1"}, epochs=1, subset=50)).run
    for refused in (
        lambda: evaluate(run, views=Views(flip=True)),
        lambda: evaluate_all([run, run], ensemble=True),
        lambda: draw_confusion([evaluate(run)]),
    ):
        with pytest.raises(DiagnosticsError) as caught:
            refused()
        assert code(caught) == "NET597"


def test_a_class_and_a_box(few):
    result = train(TrainConfig("shapes_box", "shapes", epochs=4, batch=50, lr=0.02, recompute_norms=True))
    score = evaluate(result.run)
    assert score.error == result.epochs[-1].test_error
    assert score.loss == pytest.approx(result.epochs[-1].test_loss, rel=1e-5), "of both heads"
    assert 0.05 < score.mean_iou < 1
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig("shapes_box", "shapes", set_recipe={"augment": "[flip]"}))
    assert code(caught) == "NET538"


@pytest.mark.parametrize("loss", ["hinge(p=2)", "ranking_hinge", "mse", "l1", "nll"])
def test_a_classifier_learns_by_each_loss(few, loss):
    net = "C3-8 B R P C3-8 B R G F10" + (" S" if loss == "nll" else "")
    result = train(config(net=net, epochs=4, set_recipe={"loss": loss}, lr=0.1))
    assert result.epochs[-1].train_loss < 0.97 * result.epochs[0].train_loss
    assert result.epochs[-1].train_error < result.epochs[0].train_error
    score = evaluate(result.run)
    assert score.error == result.epochs[-1].test_error
    assert score.loss == pytest.approx(result.epochs[-1].test_loss, rel=1e-5)


def test_norms_are_recomputed_by_option_or_recipe(few):
    text = "C3-8 B R P C3-8 B R G F10"
    plain, option, recipe = (
        train(config(net=text, recompute_norms=wanted, set_recipe=lines)).run
        for wanted, lines in ((None, {}), (True, {}), (None, {"recompute_norms": "true"}))
    )
    weights = [load_file(run / "model.safetensors") for run in (plain, option, recipe)]
    for name, tensor in weights[0].items():
        assert tensor.equal(weights[1][name]) == ("running" not in name), name
        assert weights[1][name].equal(weights[2][name])
    assert yaml.safe_load((option / "config.yaml").read_text())["recompute_norms"] is True
