"""First weights: He's and plain Gaussian ones."""

import pytest
import torch
from torch import nn

from netdsl.modules.conv_table import ConvTable
from netdsl.modules.linear import LocallyConnected
from netdsl.recipes.method import Init
from netdsl.tasks.initialize import fan_in, initialize


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.Conv2d(32, 64, 5), 800),
        (nn.Conv2d(32, 64, 3, groups=32), 9),
        (nn.Conv1d(8, 4, 7), 56),
        (nn.Linear(3136, 200), 3136),
        (nn.ConvTranspose2d(16, 8, 4, stride=2), 256),
        (LocallyConnected(4, 2, (5,), (3,), (1,), (1,)), 12),
    ],
)
def test_fan_in(layer, expected):
    assert fan_in(layer) == expected


def test_he():
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(64, 256, 3), nn.BatchNorm2d(256), nn.Linear(1000, 500))
    initialize(layers, Init("he"))
    conv, norm, linear = layers
    assert conv.weight.std().item() == pytest.approx((2 / 576) ** 0.5, rel=0.02)
    assert linear.weight.std().item() == pytest.approx((2 / 1000) ** 0.5, rel=0.02)
    assert conv.bias.abs().max() == linear.bias.abs().max() == 0
    assert norm.weight.min() == 1 and norm.bias.max() == 0


def test_he_by_the_rows_of_a_table():
    torch.manual_seed(0)
    layer = ConvTable(((0,), (0, 1, 2, 3)), (50, 50), (1, 1), (0, 0))
    initialize(layer, Init("he"))
    few, many = layer.weight[:1].std().item(), layer.weight[1:].std().item()
    assert few == pytest.approx((2 / 2500) ** 0.5, rel=0.05)
    assert many == pytest.approx((2 / 10_000) ** 0.5, rel=0.05)
    assert layer.bias.abs().max() == 0


def test_gaussian():
    layer = nn.Linear(1000, 500)
    initialize(layer, Init("gaussian", 0.05))
    assert layer.weight.std().item() == pytest.approx(0.05, rel=0.02)


def test_torchs_own_is_drawn_again_from_the_seed():
    layers = nn.Linear(9, 9), nn.Linear(9, 9)
    for layer in layers:
        torch.manual_seed(4)
        initialize(layer, Init("torch"))
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert layers[0].bias.abs().max() > 0


def test_he_keeps_the_variance_through_layers():
    torch.manual_seed(1)
    net = nn.Sequential(*[part for _ in range(20) for part in (nn.Linear(400, 400), nn.ReLU())])
    initialize(net, Init("he"))
    with torch.no_grad():
        y = net(torch.randn(200, 400))
    assert 0.3 < y.pow(2).mean() < 3
