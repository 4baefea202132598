"""A loss by tiles against the loss of the whole picture: equal in float64, whatever the tiles."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.lowering import feature_maps, to_torch
from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.iterative.tiled import TiledObjective
from netdsl.style.loss.network import LossNetwork, loss_network
from netdsl.style.loss.weights import CAFFE

SMALL = "net small { input 3x64x64 C3-4 @a R  C3-6 @b R P  C3-8 @c R  C3-8 @d R P  C3-10 @e R P  C3-12 @f R }"
LAYERS = ("a", "b", "d", "f")
TERMS = Terms({"c": 0.5, "e": 1.0}, dict.fromkeys(LAYERS, 1.0), 1.0, 3.0, 0.2)


def small(dtype):
    """A loss network in little: three poolings, a reach of 18 pixels to each side."""
    network = compile_network(SMALL)
    torch.manual_seed(0)
    module = to_torch(network)
    nodes = {tag: network.nodes[network.tags[tag].node + 1].name for tag in "abcdef"}
    return LossNetwork(network, feature_maps(module, list(nodes.values())).to(dtype), nodes, CAFFE, dtype)


@pytest.fixture(scope="module")
def network():
    return small(torch.float64)


def drawn(seed, height, width):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 255


def with_gradient(objective, picture):
    leaf = picture.clone().requires_grad_()
    losses = objective(leaf)
    losses.total.backward()
    return [float(each.detach()) for each in (losses.content, losses.style, losses.variation)], leaf.grad


def assert_equal(whole, tiled, picture) -> None:
    numbers, gradient = with_gradient(whole, picture)
    for _ in range(3):  # tiles lie elsewhere each time
        found, by_tiles = with_gradient(tiled, picture)
        assert found == pytest.approx(numbers, rel=1e-12)
        assert torch.allclose(by_tiles, gradient, rtol=1e-9, atol=1e-12 * float(gradient.abs().max()))


@pytest.mark.parametrize(("height", "width"), [(64, 64), (61, 90), (33, 47)])
@pytest.mark.parametrize("tile", [8, 18, 32])
def test_equal_to_the_whole_at_any_size(network, height, width, tile) -> None:
    content, styles = drawn(2, height, width), [Style(drawn(3, 50, 41))]
    whole = Objective(network, TERMS, content, styles)
    assert_equal(whole, TiledObjective(network, TERMS, content, styles, tile), drawn(4, height, width))


def test_how_far_the_nets_see(network, random_weights) -> None:
    """By hand: each 3x3 convolution adds its layer's jump to each side."""
    assert network.jumps == {"a": 1, "b": 1, "c": 2, "d": 2, "e": 4, "f": 8}
    assert (network.jump, network.halo) == (8, 24)  # 1 + 1 + 2 + 2 + 4 + 8 = 18
    vgg19 = loss_network(random_weights, ("conv1_1", "conv4_1"))
    assert (vgg19.jump, vgg19.halo) == (8, 32)  # 2 * 1 + 2 * 2 + 4 * 4 + 8 = 30


def test_regions_and_several_styles(network) -> None:
    region = torch.zeros(48, 60, dtype=torch.float64)
    region[:, :20] = 1
    region[10:30, 20:40] = 0.4
    styles = [Style(drawn(3, 50, 41), 0.5, region), Style(drawn(5, 30, 30), 2.0), Style(drawn(6, 30, 64), 1.0)]
    styles.append(Style(drawn(7, 30, 64), 1.0, 1 - region))
    whole = Objective(network, TERMS, drawn(2, 48, 60), styles)
    assert_equal(whole, TiledObjective(network, TERMS, drawn(2, 48, 60), styles, 20), drawn(4, 48, 60))


@pytest.mark.parametrize(("content", "style"), [(0.0, 1.0), (1.0, 0.0)])
def test_one_loss_alone(network, content, style) -> None:
    terms = Terms({"c": 1.0}, {"a": 1.0, "f": 1.0}, content, style)
    given = terms, drawn(2, 40, 40), [Style(drawn(3, 40, 40))] if style else []
    assert_equal(Objective(network, *given), TiledObjective(network, *given, 16), drawn(4, 40, 40))


def test_a_narrower_halo_is_seen(network, monkeypatch) -> None:
    """That the tests above would notice one that is too narrow by a place."""
    content, styles = drawn(2, 64, 64), [Style(drawn(3, 50, 41))]
    _, gradient = with_gradient(Objective(network, TERMS, content, styles), drawn(4, 64, 64))
    narrower = network.halo - network.jump
    monkeypatch.setattr(LossNetwork, "halo", property(lambda _: narrower))
    _, by_tiles = with_gradient(TiledObjective(network, TERMS, content, styles, 16), drawn(4, 64, 64))
    assert (by_tiles - gradient).abs().max() > 1e-6 * gradient.abs().max()


def test_equal_seeds_give_equal_tiles() -> None:
    network = small(torch.float32)
    picture, content, styles = (drawn(seed, 64, 64).float() for seed in (1, 2, 3))
    made = [TiledObjective(network, TERMS, content, [Style(styles)], 16, seed) for seed in (0, 0)]
    for _ in range(2):
        (_, one), (_, two) = (with_gradient(each, picture) for each in made)
        assert torch.equal(one, two)
