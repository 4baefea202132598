"""The ways back through a net, against torch's own gradients, the figure of the paper, and steps made by hand."""

import pytest
import torch
from torch import fx, nn
from torch.nn import functional

from netdsl.lowering import feature_maps, network_of
from netdsl.lowering.training_form import training_form
from netdsl.planning.form import plain as plain_form
from netdsl.seeing.gradients.rules import RULES, rectifiers, with_rule

WITHOUT_RELU = {
    "convolutions": "input 3x12x12  C5-4/2 C3-6d2 F5",
    "batch norm and pools": "input 3x12x12  C3-4 B P2 C3-6 A2 G F5",
    "overlapping max pools": "input 3x12x12  C3-4 P3/2s C3-5 P3/1s F5",
    "residual and dense": "input 3x12x12  C3-4 residual { C3-4 B } dense { C3-3 } G F5",
    "other activations": "input 3x12x12  C3-4 tanh C3-4 leaky_relu(0.1) C3-4 gelu C3-4 sigmoid C3-4 elu F5",
}
WITH_RELU = {
    "a chain": "input 3x12x12  C3-4 R P2 C3-6 B R A2 F8 R D.5 F5",
    "with a maximum": "input 3x12x12  C3-8 R6 C3-6 relu(0.3) F5",
    "local response norm": "input 3x12x12  C3-6 R L P2 C3-6 R F5",
    "two uses of one map": "input 3x12x12  C3-4 R residual { C3-4 B R C3-4 B } R concat { C1-2 R | P3/1s } G F5",
}


def plain(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    given = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(module(given)[:, 1].sum(), given)
    return gradient


def ruled(module: fx.GraphModule, x: torch.Tensor, rule: str) -> torch.Tensor:
    last = network_of(module).nodes[network_of(module).output_node].name
    made = with_rule(feature_maps(module, [last]), rule)
    given = x.clone().requires_grad_()
    y = made(given)[last].flatten(1)
    assert torch.equal(y, module(x))  # the numbers are the net's own
    (gradient,) = torch.autograd.grad(y[:, 1].sum(), given)
    return gradient


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("text", WITHOUT_RELU.values(), ids=WITHOUT_RELU)
def test_without_a_relu_every_rule_is_the_gradient(net, images, text, rule) -> None:
    module = net(text)
    assert rectifiers(module) == 0
    torch.testing.assert_close(ruled(module, images, rule), plain(module, images))


@pytest.mark.parametrize("text", WITH_RELU.values(), ids=WITH_RELU)
def test_the_rule_gradient_is_torchs_gradient(net, images, text) -> None:
    module = net(text)
    expected = plain(module, images)
    torch.testing.assert_close(ruled(module, images, "gradient"), expected)
    assert rectifiers(module) >= 2
    for rule in ("deconvnet", "guided", "open"):
        assert not torch.allclose(ruled(module, images, rule), expected)


def test_the_numbers_of_the_papers_figure() -> None:
    """Springenberg et al., figure 1 b: what came in, what comes back, and what each of the three lets through."""
    came_in = torch.tensor([[1.0, -1, 5], [2, -5, -7], [-3, 2, 4]])
    comes_back = torch.tensor([[-2.0, 3, -1], [6, -3, 1], [2, -1, 3]])
    expected = {
        "gradient": [[-2, 0, -1], [6, 0, 0], [0, -1, 3]],
        "deconvnet": [[0, 3, 0], [6, 0, 1], [2, 0, 3]],
        "guided": [[0, 0, 0], [6, 0, 0], [0, 0, 3]],
        "open": comes_back.tolist(),
    }
    for rule, numbers in expected.items():
        module = with_rule(fx.symbolic_trace(nn.Sequential(nn.ReLU())), rule)
        x = came_in.clone().requires_grad_()
        y = module(x)
        assert torch.equal(y, came_in.clamp(min=0))
        y.backward(comes_back)
        assert torch.equal(x.grad, torch.tensor(numbers, dtype=torch.float32))


def test_a_deconvnet_by_hand(net, images) -> None:
    """Conv, ReLU, pool: unpooled by the switches, rectified, through the transposed filters; zeros but for one unit."""
    module = net("input 3x12x12  C3-4 R P2 @end")
    conv = module.get_submodule("conv1")
    hidden = functional.relu(conv(images))
    pooled, switches = functional.max_pool2d(hidden, 2, return_indices=True)
    signal = torch.zeros_like(pooled)
    signal[:, 2, 3, 1] = pooled[:, 2, 3, 1]
    back = functional.relu(functional.max_unpool2d(signal, switches, 2))
    by_hand = functional.conv_transpose2d(back, conv.weight, padding=1)
    x = images.clone().requires_grad_()
    y = with_rule(feature_maps(module, ["end"]), "deconvnet")(x)["end"]
    y.backward(signal)
    torch.testing.assert_close(x.grad, by_hand)
    assert x.grad.abs().sum() > 0


def test_guided_backpropagation_by_hand(net, images) -> None:
    """Two layers: at each ReLU the gradient is masked by what came in and by its own sign."""
    module = net("input 3x12x12  C3-4 R C3-5 R G")
    first, second = module.get_submodule("conv1"), module.get_submodule("conv2")
    z1 = first(images)
    z2 = second(functional.relu(z1))
    g = torch.zeros_like(z2)
    g[:, 1] = 1 / 144  # of the mean of channel 1
    g = torch.where(z2 > 0, g, 0).clamp(min=0)
    g = functional.conv_transpose2d(g, second.weight, padding=1)
    g = torch.where(z1 > 0, g, 0).clamp(min=0)
    expected = functional.conv_transpose2d(g, first.weight, padding=1)
    torch.testing.assert_close(ruled(module, images, "guided"), expected)


def test_deconvnet_passes_local_response_norm_by(net, images) -> None:
    with_norm, without = net("input 3x12x12  C3-6 L C3-5 G"), net("input 3x12x12  C3-6 C3-5 G")
    torch.testing.assert_close(ruled(with_norm, images, "deconvnet"), plain(without, images))
    torch.testing.assert_close(ruled(with_norm, images, "guided"), plain(with_norm, images))
    assert not torch.allclose(plain(with_norm, images), plain(without, images))


@pytest.mark.parametrize("rule", RULES)
def test_relus_that_write_over_their_input(net, images, rule) -> None:
    """The form that trains is another graph over the same layers, with ReLUs in place: the same under every rule."""
    module = net(WITH_RELU["two uses of one map"])
    form = plain_form(network_of(module))
    assert form.over
    trains = training_form(module, form).eval()
    inside = with_rule(trains, rule)
    assert "inplace" in trains.code and "inplace" not in inside.code
    x = images.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(inside(x)[:, 1].sum(), x)
    assert torch.equal(gradient, ruled(module, images, rule))


def test_a_net_that_was_trained_in_place(net, images) -> None:
    module, other = net(WITH_RELU["a chain"]), net(WITH_RELU["a chain"], seed=1)
    trains = training_form(module, plain_form(network_of(module))).train()
    trains(images)[:, 0].sum().backward()
    with torch.no_grad():
        for weight in module.parameters():
            weight -= 0.01 * weight.grad
    other.load_state_dict(module.state_dict())
    module.eval()
    for rule in RULES:
        assert torch.equal(ruled(module, images, rule), ruled(other, images, rule))


def test_an_in_place_module_is_replaced() -> None:
    torch.manual_seed(0)
    chain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 2, 3)).eval()
    x = torch.randn(2, 3, 8, 8)
    for rule in RULES:
        other = nn.Sequential(chain[0], nn.ReLU(), chain[2])
        gradients = []
        for module in (chain, other):
            given = x.clone().requires_grad_()
            made = with_rule(fx.symbolic_trace(module), rule)
            gradients.append(torch.autograd.grad(made(given)[:, 1].sum(), given)[0])
        assert torch.equal(*gradients)


def test_the_net_itself_stays_as_it_was(net, images) -> None:
    module = net(WITH_RELU["a chain"])
    before = plain(module, images)
    made = with_rule(feature_maps(module, ["linear1"]), "guided")
    assert made.get_parameter("conv1.weight") is module.get_parameter("conv1.weight")
    assert torch.equal(plain(module, images), before)
