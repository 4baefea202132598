"""The perceptual loss of a batch against that of the iterative method, picture by picture."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.data import Batch
from netdsl.lowering import to_torch
from netdsl.recipes.losses import Perceptual
from netdsl.recipes.method import Method
from netdsl.style.fast.objective import CONTENT_LAYER, STYLE_LAYERS, StyleObjective
from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.loss.network import loss_network
from netdsl.tasks.learning.normalize import VGG

from .conftest import LOSS_NETWORK

NET = "net small { input 3x32x40  condition style(2)  C3-4 I{style} R  C3-3 }"
MEAN = torch.tensor(VGG.mean).view(1, 3, 1, 1)


def pictures(seed: int, count: int, height: int = 32, width: int = 40) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 255


@pytest.fixture(scope="module")
def network(weights):
    return loss_network(weights, (*STYLE_LAYERS, CONTENT_LAYER))


def objective(network, styles, **weights):
    module = to_torch(compile_network(NET))
    return StyleObjective(module, Method(loss=Perceptual(**weights), target="style"), network, styles)


def test_each_picture_has_the_loss_of_the_iterative_method(network) -> None:
    styles = [pictures(1, 1, 24, 32), pictures(2, 1, 40, 24)]
    photographs, painted, numbers = pictures(3, 3), pictures(4, 3), [1, 0, 1]
    found = objective(network, styles, content=2.0, style=3.0, tv=0.5)
    terms = found.terms(painted - MEAN, photographs - MEAN, torch.tensor(numbers))
    layers = dict.fromkeys(STYLE_LAYERS, 1.0)
    one_by_one = [
        Objective(network, Terms({CONTENT_LAYER: 1.0}, layers, 2.0, 3.0, 0.5), photograph, [Style(styles[number])])(it)
        for photograph, it, number in zip(photographs.split(1), painted.split(1), numbers, strict=True)
    ]
    for name in ("content", "style", "variation", "total"):
        mean = sum(float(getattr(losses, name)) for losses in one_by_one) / 3
        assert float(terms[name]) == pytest.approx(mean, rel=1e-4), name


def test_memory_by_hand(network) -> None:
    styles = [pictures(1, 1), pictures(2, 1)]
    assert objective(network, styles).memory(3, (8, 16)) == 3 * 8 * 16 * LOSS_NETWORK
    assert objective(network, styles, style=0.0).memory(3, (8, 16)) < 3 * 8 * 16 * LOSS_NETWORK


def test_it_is_what_a_training_asks_for(network) -> None:
    styles, x, y = [pictures(1, 1), pictures(2, 1)], pictures(3, 2) - MEAN, pictures(4, 2) - MEAN
    found, batch = objective(network, styles), Batch((x + MEAN).byte(), torch.tensor([0, 1]))
    loss = found(y, x, batch)
    assert loss == found.plain({"": y}, x, batch) == found.terms(y, x, batch.labels)["total"]
    assert found.classifies is None and found.conditions(batch)[0] is batch.labels


def test_a_loss_that_does_not_count_is_not_computed(network) -> None:
    found = objective(network, [pictures(1, 1), pictures(2, 1)], style=0.0)
    assert list(found.painted.layers) == [CONTENT_LAYER]
    terms = found.terms(pictures(4, 1) - MEAN, pictures(3, 1) - MEAN, torch.tensor([0]))
    assert terms["style"] == terms["variation"] == 0 < terms["content"] == terms["total"]


def test_a_style_meets_itself(network) -> None:
    style = pictures(1, 1)
    found = objective(network, [style, pictures(2, 1)])
    terms = found.terms(style.repeat(2, 1, 1, 1) - MEAN, style.repeat(2, 1, 1, 1) - MEAN, torch.tensor([0, 1]))
    one = found.terms(style - MEAN, style - MEAN, torch.tensor([0]))
    assert float(one["total"]) == pytest.approx(0, abs=1e-6) and terms["style"] > 1e-3
