"""The total loss against the equations written out in torch."""

import pytest
import torch
from torch.nn.functional import mse_loss

from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.loss.network import loss_network

LAYERS = ("conv1_1", "conv2_1", "conv3_1")


@pytest.fixture(scope="module")
def network(random_weights):
    return loss_network(random_weights, LAYERS)


def other(seed, height=24, width=32):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 255


def gram(features):
    places = features[0].flatten(1)
    return places @ places.T / places.shape[1]


def test_the_equations_own_numbers(network, picture) -> None:
    content, style = other(2), other(3, 40, 20)
    content_layers, style_layers = {"conv2_1": 0.5}, {"conv1_1": 1.0, "conv3_1": 2.0}
    terms = Terms(content_layers, style_layers, 3.0, 0.1, 0.01, relative=False)
    found = Objective(network, terms, content, [Style(style)])(picture)
    p, c, s = network(picture), network(content), network(style)
    assert float(found.content) == pytest.approx(3 * 0.5 * float(mse_loss(p["conv2_1"], c["conv2_1"])), rel=1e-5)
    expected = sum(w * float(mse_loss(gram(p[n]), gram(s[n]))) for n, w in style_layers.items())
    assert float(found.style) == pytest.approx(0.1 * expected, rel=1e-4)
    rough = ((picture[..., 1:, :] - picture[..., :-1, :]) ** 2).sum() + (picture.diff(dim=-1) ** 2).sum()
    assert float(found.variation) == pytest.approx(0.01 * float(rough) / picture.numel(), rel=1e-5)
    assert float(found.total) == pytest.approx(float(found.content + found.style + found.variation))


def test_relative_losses_do_not_know_how_large_the_nets_numbers_are(network, random_weights, picture) -> None:
    """A net whose first layer gives ten times as much (biases apart) has maps ten times as large, and equal losses."""
    from netdsl.style.loss.weights import LossWeights

    def bare(factor):
        tensors = {
            n: t * (factor if n == "conv1_1.weight" else n.endswith("weight"))
            for n, t in random_weights.tensors.items()
        }
        return loss_network(LossWeights("x", tensors, random_weights.preprocessing), LAYERS)

    terms = Terms({"conv2_1": 1.0}, dict.fromkeys(LAYERS, 1.0))
    losses = [Objective(bare(factor), terms, other(2), [Style(other(3))])(picture) for factor in (1, 10)]
    assert float(losses[0].content) == pytest.approx(float(losses[1].content), rel=1e-3)
    assert float(losses[0].style) == pytest.approx(float(losses[1].style), rel=1e-3)


def test_nothing_is_lost_at_the_content_itself(network) -> None:
    content = other(2)
    found = Objective(network, Terms({"conv2_1": 1.0}, dict.fromkeys(LAYERS, 1.0)), content, [Style(content)])(content)
    assert float(found.content) == 0 and float(found.style) == pytest.approx(0, abs=1e-8)


def test_weights_of_layers_are_shares_when_relative(network, picture) -> None:
    losses = []
    for weight in (1.0, 7.0):
        terms = Terms({"conv2_1": weight}, {"conv1_1": weight, "conv3_1": weight})
        losses.append(float(Objective(network, terms, other(2), [Style(other(3))])(picture).total))
    assert losses[0] == pytest.approx(losses[1])


def test_several_styles_add_up(network, picture) -> None:
    terms = Terms({}, dict.fromkeys(LAYERS, 1.0), content=0.0)
    styles = [Style(other(3), 0.7), Style(other(4, 30, 30), 0.2)]
    both = Objective(network, terms, None, styles)(picture).style
    alone = [Objective(network, terms, None, [style])(picture).style for style in styles]
    assert float(both) == pytest.approx(float(sum(alone)), rel=1e-5)


def test_a_region_of_all_is_no_region(network, picture) -> None:
    terms = Terms({}, dict.fromkeys(LAYERS, 1.0), content=0.0)
    without = Objective(network, terms, None, [Style(other(3))])(picture).style
    everywhere = Objective(network, terms, None, [Style(other(3), 1.0, torch.ones(24, 32))])(picture).style
    assert float(everywhere) == pytest.approx(float(without), rel=1e-5)


def test_pixels_far_from_a_region_are_left_alone(network, picture) -> None:
    region = torch.zeros(24, 32)
    region[:, :8] = 1
    terms = Terms({}, dict.fromkeys(LAYERS, 1.0), content=0.0)
    picture.requires_grad_()
    Objective(network, terms, None, [Style(other(3), 1.0, region)])(picture).style.backward()
    assert picture.grad[..., :8].any() and not picture.grad[..., 24:].any()


def test_only_what_counts_is_computed(network) -> None:
    terms = Terms({"conv3_1": 1.0}, {"conv1_1": 1.0}, content=0.0)
    made = Objective(network, terms, other(2), [Style(other(3))])
    assert terms.layers() == ("conv1_1",)
    assert list(made.network.module.state_dict()) == ["conv1_1.weight", "conv1_1.bias"]
