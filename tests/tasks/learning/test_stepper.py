"""What a step does beside the optimizer: clipping, smoothed targets, mean weights."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel

from netdsl.data import Normalization
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.schedules import Constant, Plateau
from netdsl.tasks.learning.average import MeanWeights
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.learning.stepper import Stepper
from netdsl.tasks.training.training import Training

PLAIN = {"optimizer": Sgd(0.5, 0.0, False), "weight_decay": 0.0, "schedule": Constant()}


def test_a_long_gradient_is_made_shorter_and_a_short_one_is_not():
    layer = nn.Linear(3, 1, bias=False)
    for scale, length in ((100.0, 2.0), (0.1, 0.1 * 5)):
        before = layer.weight.detach().clone()
        stepper = Stepper(layer, Method(clip_gradient=2.0, **PLAIN), 10)
        stepper.step(scale * layer(torch.tensor([3.0, 4.0, 0.0])).sum())
        assert (layer.weight - before).norm().item() == pytest.approx(0.5 * length, rel=1e-5)


def test_the_mean_weights_are_those_of_torchs_averaged_model():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    reference = AveragedModel(
        module,
        avg_fn=lambda mean, new, n: mean + (new - mean) * (1 - min(0.6, (1 + n) / (10 + n))),
        use_buffers=True,
    )
    reference.n_averaged.fill_(1)  # starts from the first weights, as ours does
    means = MeanWeights(module, 0.6)
    for _ in range(20):
        with torch.no_grad():
            for tensor in module.parameters():
                tensor.add_(torch.randn_like(tensor))
        module(torch.randn(8, 4))
        means.update()
        reference.update_parameters(module)
    own = [p.detach().clone() for p in module.parameters()]
    means.swap()
    expected = reference.module.state_dict()
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            assert torch.allclose(tensor, expected[name], atol=1e-6), name
    means.swap()
    assert all(torch.equal(a, b) for a, b in zip(own, module.parameters(), strict=True))


def net():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def run(data, **method):
    module = net()
    made = Method(**{"epochs": 4, "batch": 30, **method})
    return module, list(Training(module, data, Normalization.of(data.train_images), made).epochs())


def test_the_mean_weights_are_measured_and_left_behind(bright_or_dark):
    plain, rows = run(bright_or_dark)
    averaged, smooth = run(bright_or_dark, ema=0.9)
    assert [row.train_loss for row in rows] == [row.train_loss for row in smooth], "training itself is the same"
    assert rows[-1].test_loss != smooth[-1].test_loss
    assert not torch.equal(plain[0].weight, averaged[0].weight)
    score = measure(
        averaged,
        bright_or_dark.test_images,
        bright_or_dark.test_labels,
        Normalization.of(bright_or_dark.train_images),
    )
    assert score.loss == smooth[-1].test_loss


def test_a_mean_of_nothing_else_is_the_last_weights(bright_or_dark):
    (plain, _), (averaged, _) = run(bright_or_dark), run(bright_or_dark, ema=0.0)
    for a, b in zip(plain.state_dict().values(), averaged.state_dict().values(), strict=True):
        assert torch.allclose(a, b, atol=1e-7)


def test_smoothed_targets(bright_or_dark):
    """At a rate of almost nothing; the test loss is not smoothed."""
    still = {**PLAIN, "optimizer": Sgd(1e-12, 0.0, False), "epochs": 1, "batch": 150}
    module, (plain,) = run(bright_or_dark, **still)
    _, (smoothed,) = run(bright_or_dark, label_smoothing=0.3, **still)
    assert smoothed.test_loss == plain.test_loss
    module.train()
    with torch.no_grad():
        scores = module(Normalization.of(bright_or_dark.train_images)(bright_or_dark.train_images))
    targets = torch.full((150, 2), 0.15) + 0.7 * nn.functional.one_hot(bright_or_dark.train_labels)
    assert smoothed.train_loss == pytest.approx(-(targets * scores.log_softmax(1)).sum(1).mean().item(), rel=1e-5)
    assert plain.train_loss == pytest.approx(cross_entropy(scores, bright_or_dark.train_labels).item(), rel=1e-5)


def test_a_plateau_lowers_the_rate(bright_or_dark):
    """Steps too small to lower the loss by a ten thousandth."""
    _, rows = run(bright_or_dark, optimizer=Sgd(1e-9, 0.0, False), schedule=Plateau(0.1, 1), epochs=6, batch=150)
    assert [row.lr for row in rows] == pytest.approx([1e-9] * 3 + [1e-10] * 2 + [1e-11])


def test_the_penalty_of_sizes_is_its_subgradient_by_hand():
    """Two steps without another gradient: a weight of 0 is not moved, a bias only where biases decay; no clipping."""
    for decay_norms in (True, False):
        layer = nn.Linear(3, 1)
        layer.weight.data = torch.tensor([[1.0, -2.0, 0.0]])
        layer.bias.data = torch.tensor([0.5])
        stepper = Stepper(layer, Method(l1_penalty=0.1, decay_norms=decay_norms, clip_gradient=1e-9, **PLAIN), 10)
        for _ in range(2):
            stepper.step(0 * layer(torch.ones(1, 3)).sum())
        assert layer.weight.tolist()[0] == pytest.approx([0.9, -1.9, 0.0], abs=1e-6)
        assert layer.bias.item() == pytest.approx(0.4 if decay_norms else 0.5, abs=1e-6)


def test_a_weight_that_is_not_trained_has_no_penalty():
    layer = nn.Linear(3, 1)
    layer.bias.requires_grad_(False)
    before = layer.bias.clone()
    Stepper(layer, Method(l1_penalty=0.1, **PLAIN), 10).step(layer(torch.ones(1, 3)).sum())
    assert torch.equal(layer.bias, before)
