"""First weights, with torch's own functions as the oracle where they say the same."""

import pytest
import torch
from torch import nn

from netdsl import compile as compile_net
from netdsl.modules.conv_table import ConvTable
from netdsl.modules.linear import LocallyConnected
from netdsl.recipes.inits import Gaussian, Glorot, He, Lsuv, Torch
from netdsl.tasks.learning.initialize import fans, initialize


@pytest.mark.parametrize(
    ("layer", "inputs", "outputs"),
    [
        (nn.Conv2d(32, 64, 5), 800, 1600),
        (nn.Conv2d(32, 64, 3, groups=32), 9, 18),
        (nn.Conv1d(8, 4, 7), 56, 28),
        (nn.Linear(3136, 200), 3136, 200),
        (nn.ConvTranspose2d(16, 8, 4, stride=2), 256, 128),
        (nn.ConvTranspose2d(16, 8, 4, groups=4), 64, 32),
        (LocallyConnected(4, 2, (5,), (3,), (1,), (1,)), 12, 6),
    ],
)
def test_fans(layer, inputs, outputs):
    assert fans(layer) == (inputs, outputs)


def test_fans_of_a_table():
    """Three rows over three maps; the second map is read twice."""
    inputs, outputs = fans(ConvTable(((0, 1), (1,), (2,)), (3, 3), (1, 1), (0, 0)))
    assert inputs.flatten().tolist() == [18, 18, 9, 9]
    assert outputs.flatten().tolist() == [9, 18, 18, 9]


LAYERS = [lambda: nn.Conv2d(6, 8, 3), lambda: nn.Linear(50, 30), lambda: nn.Conv3d(2, 5, 2)]
ORACLES = [
    (He(), lambda w: nn.init.kaiming_normal_(w)),
    (He("normal", "out"), lambda w: nn.init.kaiming_normal_(w, mode="fan_out")),
    (He("uniform"), lambda w: nn.init.kaiming_uniform_(w)),
    (He("uniform", "out"), lambda w: nn.init.kaiming_uniform_(w, mode="fan_out")),
    (Glorot("normal"), nn.init.xavier_normal_),
    (Glorot(), nn.init.xavier_uniform_),
    (Gaussian(0.03), lambda w: nn.init.normal_(w, 0, 0.03)),
]


@pytest.mark.parametrize("made", LAYERS)
@pytest.mark.parametrize(("init", "oracle"), ORACLES)
def test_torchs_functions_draw_the_same(made, init, oracle):
    layer = made()
    torch.manual_seed(7)
    initialize(layer, init)
    torch.manual_seed(7)
    expected = oracle(torch.empty_like(layer.weight))
    assert torch.allclose(layer.weight, expected, rtol=1e-5, atol=0)
    assert layer.bias.abs().max() == 0


@pytest.mark.parametrize("init", [init for init, _ in ORACLES])
@pytest.mark.parametrize("transposed", [False, True])
def test_a_group_is_drawn_as_a_layer_of_its_own(init, transposed):
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    grouped, alone = kind(600, 600, 3, groups=20), kind(30, 30, 3)
    torch.manual_seed(0)
    for layer in (grouped, alone):
        initialize(layer, init)
    assert grouped.weight.std().item() == pytest.approx(alone.weight.std().item(), rel=0.03)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_transposed_by_what_comes_in(distribution):
    """torch takes the weight's first axis for the outputs, which it is not here."""
    layer = nn.ConvTranspose2d(64, 16, 4)
    torch.manual_seed(0)
    initialize(layer, He(distribution))
    assert layer.weight.std().item() == pytest.approx((2 / (64 * 16)) ** 0.5, rel=0.03)
    initialize(layer, He(distribution, "out"))
    assert layer.weight.std().item() == pytest.approx((2 / (16 * 16)) ** 0.5, rel=0.03)


def test_norms_stay():
    layers = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8))
    initialize(layers, He())
    assert layers[1].weight.min() == 1 and layers[1].bias.max() == 0


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_by_the_rows_of_a_table(distribution):
    torch.manual_seed(0)
    layer = ConvTable(((0,), (0, 1, 2, 3)), (50, 50), (1, 1), (0, 0))
    initialize(layer, He(distribution))
    few, many = layer.weight[:1].std().item(), layer.weight[1:].std().item()
    assert few == pytest.approx((2 / 2500) ** 0.5, rel=0.05)
    assert many == pytest.approx((2 / 10_000) ** 0.5, rel=0.05)
    assert layer.bias.abs().max() == 0


def test_uniform_draws_have_a_bound():
    layer = nn.Linear(300, 400)
    initialize(layer, He("uniform"))
    bound = (6 / 300) ** 0.5
    assert 0.99 * bound < layer.weight.abs().max() <= bound


def test_torchs_own_is_drawn_again_from_the_seed():
    layers = nn.Linear(9, 9), nn.Linear(9, 9)
    for layer in layers:
        torch.manual_seed(4)
        initialize(layer, Torch())
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert layers[0].bias.abs().max() > 0


def test_he_keeps_the_variance_through_layers():
    torch.manual_seed(1)
    net = nn.Sequential(*[part for _ in range(20) for part in (nn.Linear(400, 400), nn.ReLU())])
    initialize(net, He())
    with torch.no_grad():
        y = net(torch.randn(200, 400))
    assert 0.3 < y.pow(2).mean() < 3


def outputs_of(net, images):
    """Each weighted layer's output, dropout off."""
    seen = {}
    for name, layer in net.named_modules():
        if getattr(layer, "weight", None) is not None and layer.weight.dim() > 1:
            layer.register_forward_hook(lambda layer, inputs, output, name=name: seen.update({name: output}))
    net.eval()
    net.training = True  # heads as well
    with torch.no_grad():
        net(images)
    return seen


LSUV_NETS = [
    "input 3x16x16 C3-8 R D.5 C3-8/2 tanh P local(3, 4) sigmoid F20 R F5",
    "input 3x16x16 C3-8 B R C3-8g4 R T2-6/2 R conv_table(3, [[0], [0, 1, 2], [3, 4, 5]]) G F5",
    "input 3x16x16 C3-8 R head a { G F3 } C3-8 R G F5",
]


@pytest.mark.parametrize("text", LSUV_NETS)
def test_lsuv_gives_every_layer_variance_one(text):
    torch.manual_seed(0)
    net = compile_net(text)
    images = torch.randn(64, 3, 16, 16)
    initialize(net, Lsuv(), lambda: images)
    assert net.training and all(layer.training for layer in net.modules())
    seen = outputs_of(net, images)
    assert len(seen) >= 4
    for name, output in seen.items():
        assert output.var(unbiased=False).item() == pytest.approx(1, abs=1e-4), name


def test_lsuv_starts_orthonormal():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 10))
    initialize(net, Lsuv(), lambda: torch.randn(32, 3, 8, 8))
    for layer in (net[0], net[3]):
        products = layer.weight.flatten(1) @ layer.weight.flatten(1).T
        assert torch.allclose(products / products[0, 0], torch.eye(len(products)), atol=1e-5)


def test_lsuv_is_the_seeds_and_leaves_running_statistics():
    nets = [compile_net("input 3x8x8 C3-8 B R G F5") for _ in range(2)]
    images = torch.randn(16, 3, 8, 8)
    for net in nets:
        torch.manual_seed(3)
        initialize(net, Lsuv(), lambda: images)
    for one, two in zip(nets[0].state_dict().values(), nets[1].state_dict().values(), strict=True):
        assert torch.equal(one, two)
    assert nets[0].batch_norm1.running_mean.abs().max() == 0


def test_lsuv_over_a_layer_that_runs_twice_or_sees_nothing():
    layer = nn.Linear(6, 6)
    twice = nn.Sequential(layer, nn.ReLU(), layer)
    torch.manual_seed(0)
    images = torch.randn(50, 6)
    initialize(twice, Lsuv(), lambda: images)
    assert layer(images).var(unbiased=False).item() == pytest.approx(1, abs=1e-4)
    initialize(twice, Lsuv(), lambda: torch.zeros(50, 6))
    assert layer.weight.isfinite().all()


def test_lsuv_needs_images():
    with pytest.raises(TypeError, match="images"):
        initialize(nn.Linear(2, 2), Lsuv())
