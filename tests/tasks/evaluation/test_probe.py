"""Linear probes: the fit against its conditions and a hand-made one, the features against the net itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import one_hot

from netdsl import compile as compile_net
from netdsl.data import Normalization
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering import feature_maps
from netdsl.tasks.evaluation import probe as probing
from netdsl.tasks.evaluation.probe import features, fit_linear, probe
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

NET = "net a(classes = 10) { input 3x32x32  (C3-4 B R P) @one  (C3-6 B R P) @two  G F{classes} }"


@given(
    st.integers(0, 2**16),
    st.integers(1, 4),
    st.integers(2, 4),
    st.sampled_from([1e-3, 1e-2, 1.0]),
)
@settings(deadline=None, max_examples=25)
def test_where_the_fit_ends_the_gradient_is_zero(seed, wide, classes, decay):
    chance = torch.Generator().manual_seed(seed)
    x = torch.randn(40, wide, generator=chance, dtype=torch.float64)
    labels = torch.randint(0, classes, (40,), generator=chance)
    weight, bias, loss, _ = fit_linear(x, labels, classes, decay)
    shares = (x @ weight.T + bias).softmax(1)
    apart = (shares - one_hot(labels, classes)) / len(x)
    assert (apart.T @ x + decay * weight).abs().max() < 1e-6
    assert apart.sum(0).abs().max() < 1e-6
    assert loss == pytest.approx(-shares[range(40), labels].log().mean().item())


def test_two_classes_are_newtons_logistic_regression():
    """Of two classes half the difference of the weights counts, so the decay of one vector is half as large."""
    chance = np.random.default_rng(0)
    x = chance.normal(size=(60, 2))
    y = (x @ [1.0, -2.0] + chance.normal(size=60) > 0.3).astype(int)
    decay = 0.05
    with_one = np.hstack([x, np.ones((60, 1))])
    w, kept = np.zeros(3), np.diag([decay / 2, decay / 2, 0])
    for _ in range(30):
        share = 1 / (1 + np.exp(-with_one @ w))
        gradient = with_one.T @ (share - y) / 60 + kept @ w
        curvature = (with_one * (share * (1 - share))[:, None]).T @ with_one / 60 + kept
        w -= np.linalg.solve(curvature, gradient)
    weight, bias, _, _ = fit_linear(torch.from_numpy(x), torch.from_numpy(y), 2, decay)
    assert (weight[1] - weight[0]).numpy() == pytest.approx(w[:2], abs=1e-5)
    assert (bias[1] - bias[0]).item() == pytest.approx(w[2], abs=1e-5)


def test_features_are_means_or_all_numbers():
    module = compile_net(NET).eval()
    images = torch.randint(0, 256, (7, 3, 32, 32), generator=torch.Generator().manual_seed(0)).byte()
    normalization = Normalization.of(images)
    x = normalization(images)
    with torch.no_grad():
        first = module.one.get_submodule("max_pool1")(
            module.one.get_submodule("relu1")(module.one.get_submodule("batch_norm1")(module.one.conv1(x)))
        )
        scores = module(x)
    tapped = feature_maps(module, ["one", "linear1"])
    means, every, last = (
        features(tapped, name, images, normalization, flatten).cpu()
        for name, flatten in (("one", False), ("one", True), ("linear1", False))
    )
    assert torch.allclose(means.float(), first.mean((2, 3)), atol=1e-5)
    assert torch.allclose(every.float(), first.flatten(1), atol=1e-5)
    assert torch.allclose(last.float(), scores, atol=1e-5)


@pytest.fixture
def run(few):
    return train(TrainConfig(NET, "shapes", epochs=1, batch=50)).run


def test_a_probe_at_each_tag(run):
    before = (run / "model.safetensors").read_bytes()
    results = probe(run)
    assert [(r.at, r.features, r.train_images, r.test_images) for r in results] == [
        ("one", 4, 300, 100),
        ("two", 6, 300, 100),
    ]
    assert all(0 <= r.train_error < 0.9 and 0 <= r.test_error <= 1 and r.steps > 1 for r in results)
    assert probe(run, ["@two"]) == results[1:], "the same from anywhere"
    assert (run / "model.safetensors").read_bytes() == before


def test_more_features_fit_the_training_images_better(run):
    (means,), (every,) = probe(run, ["one"]), probe(run, ["one"], flatten=True)
    assert every.features == 4 * 16 * 16
    assert every.loss < means.loss and every.train_error <= means.train_error


def test_fewer_images(run):
    assert probe(run, ["two"], subset=50)[0].train_images == 50


def test_a_run_on_some_classes(few):
    run = train(TrainConfig(NET, "shapes", epochs=1, batch=50, classes=("disk", "star", "ring"))).run
    (result,) = probe(run, ["two"])
    assert result.train_images < 300


def test_what_is_refused(run, few, monkeypatch):
    untagged = train(TrainConfig("C3-4 R G F10", "shapes", epochs=1, out=Path("untagged"))).run
    monkeypatch.setattr(probing, "MOST", 500)
    for arguments, code in (
        ((run, ["@on"]), "NET209"),
        ((untagged, []), "NET209"),
        ((run, ["one"], "mnist"), "NET525"),
        ((run, ["one"]), "NET573"),
        ((Path("nowhere"), ["one"]), "NET552"),
    ):
        with pytest.raises(DiagnosticsError) as caught:
            probe(*arguments)
        assert [d.code for d in caught.value.diagnostics] == [code]
