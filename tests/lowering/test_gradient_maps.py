"""Maps by gradients: against autograd by hand, against the class activation map, and at any place."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import netdsl
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.class_maps import ClassMaps
from netdsl.lowering.gradient_maps import GRADIENT_METHODS, GradientMaps, last_maps
from netdsl.lowering.to_torch import Compiled, network_of

NET = "net a { input 3x12x12  (C3-6 R) @one  P  (C3-8 R) @two  P  F7 R F4 }"


def made(net: str = NET) -> Compiled:
    torch.manual_seed(5)
    return netdsl.compile(net).eval()


def maps_of(module: Compiled, x: Tensor, classes: Tensor, method: str, **more: object) -> tuple[Tensor, Tensor]:
    network = network_of(module)
    made = GradientMaps(module, network.output_node, more.pop("at", None), method, **more)
    scores, features = made.look(x)
    return scores, made.maps(scores, features, classes)


def by_hand(module: Compiled, x: Tensor) -> tuple[Tensor, Tensor]:
    """Features of @two, kept for their gradient, and the scores, without a line of netdsl."""
    weights = dict(module.named_parameters())
    conv = {n: (weights[f"{n}.weight"], weights[f"{n}.bias"]) for n in ("one.conv1", "two.conv1")}
    one = functional.max_pool2d(functional.relu(functional.conv2d(x, *conv["one.conv1"], padding=1)), 2)
    two = functional.relu(functional.conv2d(one, *conv["two.conv1"], padding=1))
    two.retain_grad()
    flat = functional.max_pool2d(two, 2).flatten(1)
    hidden = functional.relu(functional.linear(flat, weights["linear1.weight"], weights["linear1.bias"]))
    return two, functional.linear(hidden, weights["linear2.weight"], weights["linear2.bias"])


@pytest.mark.parametrize("method", GRADIENT_METHODS)
def test_against_autograd_by_hand(method: str) -> None:
    module = made()
    x = torch.randn(1, 3, 12, 12)
    for number in range(4):
        scores, found = maps_of(module, x, torch.tensor([[number]]), method)
        two, expected_scores = by_hand(module, x)
        expected_scores[0, number].backward()
        a, g = two.detach()[0], two.grad[0]
        wanted = torch.zeros(6, 6)
        for k in range(8):
            if method == "grad-cam":
                wanted += g[k].sum() / 36 * a[k]
            elif method == "layer-cam":
                wanted += g[k].clamp(min=0) * a[k]
            else:
                weight = 0.0
                for i in range(6):
                    for j in range(6):
                        bottom = 2 * g[k, i, j] ** 2 + a[k].sum() * g[k, i, j] ** 3
                        if g[k, i, j] > 0:
                            weight += float(g[k, i, j] ** 2 / bottom * g[k, i, j])
                wanted += weight * a[k]
        assert torch.allclose(scores, expected_scores, atol=1e-6)
        assert torch.allclose(found[0, 0], wanted.clamp(min=0), atol=1e-6)


def test_on_the_last_map_grad_cam_is_the_class_activation_map() -> None:
    """d score / d f_k is w_ck over the number of places everywhere: the same map, so many times smaller."""
    module = made("net a { input 3x12x12  C3-6 R P C3-8 R G F4 }")
    x, every = torch.randn(3, 3, 12, 12), torch.arange(4).expand(3, -1)
    _, exact = ClassMaps(module)(x)
    _, found = maps_of(module, x, every, "grad-cam", signed=True)
    assert torch.allclose(found * 36, exact, atol=1e-5)
    _, positive = maps_of(module, x, every, "grad-cam")
    assert torch.equal(positive, found.relu())


def test_images_of_a_batch_do_not_mix() -> None:
    module = made()
    x, classes = torch.randn(4, 3, 12, 12), torch.tensor([[0, 3], [1, 1], [2, 0], [3, 2]])
    for method in GRADIENT_METHODS:
        _, together = maps_of(module, x, classes, method)
        alone = torch.cat([maps_of(module, x[n : n + 1], classes[n : n + 1], method)[1] for n in range(4)])
        assert together.shape == (4, 2, 6, 6) and torch.allclose(together, alone, atol=1e-6)


def test_at_any_place() -> None:
    module = made()
    x, classes = torch.randn(2, 3, 12, 12), torch.tensor([[0], [1]])
    shapes = {"@one": 12, "two": 6, "max_pool1": 6, "one.conv1": 12, "input": 12}
    for at, side in shapes.items():
        _, found = maps_of(module, x, classes, "grad-cam", at=at)
        assert found.shape == (2, 1, side, side), at


def test_through_shared_weights_the_place_is_one() -> None:
    module = made("net a { input 3x8x8  share s { C3-3 R }  s @first  s @second  G F2 }")
    x, classes = torch.randn(1, 3, 8, 8), torch.tensor([[1]])
    first = maps_of(module, x, classes, "grad-cam", at="@first", signed=True)[1]
    second = maps_of(module, x, classes, "grad-cam", at="@second", signed=True)[1]
    assert not torch.allclose(first, second)


def test_the_last_maps_are_before_the_pools() -> None:
    def last(net: str) -> str:
        network = netdsl.compile_network(net)
        return network.nodes[last_maps(network, network.output_node)].name

    assert last(NET) == "two.relu1"
    assert last("vgg16") == "relu13"
    assert last("resnet") == "relu1"
    assert last("squeezenet") == "relu2"


@pytest.mark.parametrize(
    ("net", "at", "code"),
    [
        (NET, "@tow", "NET209"),
        (NET, "linear1", "NET606"),
        ("net a { input 3x8x8  C3-4 R G @g F3 }", "@g", "NET606"),
        ("net a { input 3x8x8  C3-4 R @x  head one { C3-3 R G F3 }  from @x G F3 }", "one.conv1", "NET606"),
        ("net a { input 3x1x1  F4 R F3 }", None, "NET606"),
        ("net a { input 3x8x8  F4 R F3 }", None, "NET606"),
    ],
)
def test_places_without_a_map(net: str, at: str | None, code: str) -> None:
    module = made(net)
    with pytest.raises(DiagnosticsError) as raised:
        GradientMaps(module, network_of(module).output_node, at, "grad-cam")
    assert raised.value.diagnostics[0].code == code


def test_a_score_that_nothing_moves_gives_an_empty_map() -> None:
    """Zero gradients everywhere: 0 over 0 in Grad-CAM++ is no weight."""
    module = made("net a { input 3x8x8  C3-4 R G F3 }")
    with torch.no_grad():
        module.get_parameter("linear1.weight").zero_()
    for method in GRADIENT_METHODS:
        _, found = maps_of(module, torch.randn(1, 3, 8, 8), torch.tensor([[1]]), method)
        assert torch.equal(found, torch.zeros_like(found))
