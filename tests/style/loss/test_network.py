"""The loss network: cut behind the last layer, weights from anywhere, maps behind the rectifier."""

import pytest
import torch
from torch import nn

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import TORCH, LossWeights


def by_hand(tensors, x, until):
    """The same net as plain calls of torch; the map behind the rectifier of `until`."""
    for stage, layers in enumerate((2, 2, 4, 1), 1):
        for layer in range(1, layers + 1):
            name = f"conv{stage}_{layer}"
            x = nn.functional.conv2d(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"], padding=1).relu()
            if name == until:
                return x
        x = nn.functional.max_pool2d(x, 2)
    raise AssertionError(until)


@pytest.mark.parametrize("layer", ["conv1_1", "conv2_2", "conv3_4", "conv4_1"])
def test_against_plain_torch(layer, random_weights, picture) -> None:
    blue_first = (picture - torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1))[:, [2, 1, 0]]
    expected = by_hand(random_weights.tensors, blue_first, layer)
    found = loss_network(random_weights, [layer])(picture)[layer]
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-3 * float(expected.max()))


def test_it_ends_behind_the_last_layer(random_weights) -> None:
    names = set(loss_network(random_weights, ["conv1_1", "conv2_1"]).module.state_dict())
    assert {name.split(".")[0] for name in names} == {"conv1_1", "conv1_2", "conv2_1"}


def test_the_rectifiers_name_is_the_same_map(random_weights, picture) -> None:
    maps = loss_network(random_weights, ["relu2_1", "conv2_1"])(picture)
    assert torch.equal(maps["relu2_1"], maps["conv2_1"]) and maps["conv2_1"].min() == 0


def test_a_part_of_it_shares_its_weights(random_weights, picture) -> None:
    network = loss_network(random_weights, ["conv1_1", "conv3_1"])
    part = network.cut(["conv1_1"])
    assert list(part.module.state_dict()) == ["conv1_1.weight", "conv1_1.bias"]
    assert part.module.get_parameter("conv1_1.weight") is network.module.get_parameter("conv1_1.weight")
    assert torch.equal(part(picture)["conv1_1"], network(picture)["conv1_1"])


def test_gradients_reach_the_picture_and_no_weight(random_weights, picture) -> None:
    network = loss_network(random_weights, ["conv2_1"])
    picture.requires_grad_()
    network(picture)["conv2_1"].sum().backward()
    assert picture.grad is not None and picture.grad.is_contiguous() and picture.grad.any()
    assert not any(parameter.requires_grad for parameter in network.module.parameters())


def test_bfloat16_is_near(random_weights, picture) -> None:
    exact = loss_network(random_weights, ["conv3_1"])(picture)["conv3_1"]
    rough = loss_network(random_weights, ["conv3_1"], torch.bfloat16)(picture)["conv3_1"]
    assert rough.dtype == torch.bfloat16
    assert (rough.float() - exact).norm() < 0.02 * exact.norm()


def torchvision_keys(tensors, layers):
    """`features.N` as torchvision counts convolutions, rectifiers and poolings."""
    keys, place = {}, 0
    for stage, count in enumerate(layers, 1):
        for layer in range(1, count + 1):
            for kind in ("weight", "bias"):
                keys[f"features.{place}.{kind}"] = tensors[f"conv{stage}_{layer}.{kind}"]
            place += 2
        place += 1
    return keys


def test_weights_under_torchvisions_keys(random_weights, picture) -> None:
    foreign = LossWeights("file", torchvision_keys(random_weights.tensors, (2, 2, 4, 1)), random_weights.preprocessing)
    layers = ["conv1_2", "conv4_1"]
    ours, theirs = loss_network(random_weights, layers)(picture), loss_network(foreign, layers)(picture)
    assert all(torch.equal(ours[layer], theirs[layer]) for layer in layers)


def test_a_vgg16_is_seen_by_its_shapes(random_weights) -> None:
    """Three convolutions in its third stage, and conv4_1 behind them."""
    tensors = {name: t for name, t in random_weights.tensors.items() if not name.startswith("conv3_4")}
    network = loss_network(LossWeights("file", torchvision_keys(tensors, (2, 2, 3, 1)), TORCH), ["conv3_3", "conv4_1"])
    assert network.network.name == "vgg16"


def test_weights_of_something_else() -> None:
    with pytest.raises(DiagnosticsError) as caught:
        loss_network(LossWeights("file", {"a.weight": torch.ones(4, 3, 3, 3)}, TORCH), ["conv1_1"])
    assert caught.value.diagnostics[0].code == "NET656"


def test_weights_that_end_too_early(random_weights) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        loss_network(random_weights, ["conv5_1"])
    assert caught.value.diagnostics[0].code == "NET656"


def test_a_layer_that_is_not_there(random_weights) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        loss_network(random_weights, ["conv4_7"])
    assert caught.value.diagnostics[0].code == "NET209"


def test_a_net_in_bfloat16_sees_a_tenth_of_a_colour(random_weights, picture) -> None:
    """Rounded to bfloat16 on the way in, colours beyond 64 from the mean would not change at all."""
    rough = loss_network(random_weights, ("conv1_1",), torch.bfloat16)
    bright = torch.full_like(picture, 250.0)
    exact = loss_network(random_weights, ("conv1_1",))
    change, wanted = (net(bright + 0.1)["conv1_1"].float() - net(bright)["conv1_1"].float() for net in (rough, exact))
    assert rough(picture)["conv1_1"].dtype == torch.bfloat16
    assert change.any() and wanted.any()
    assert float(change.abs().sum()) == pytest.approx(float(wanted.abs().sum()), rel=0.2)
