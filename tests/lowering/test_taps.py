"""Feature maps by tag and by node name."""

import pytest
import torch

import netdsl
from netdsl.lowering import network_of

TAGGED = """
block unit(f) { C3-{f} R @inside C3-{f} R }
net two {
  input 3x8x8
  unit(4) @low  P
  add { C3-4 R @left | id } @joined
  F5
}
"""


def test_a_tag_is_the_output_of_what_it_names() -> None:
    net = netdsl.compile("googlenet.net:googlenet_plain", input=(3, 64, 64)).eval()
    x = torch.randn(1, 3, 64, 64)
    maps = netdsl.feature_maps(net, ["3a", "4e", "5b"])(x)
    assert {name: tuple(y.shape[1:]) for name, y in maps.items()} == {
        "3a": (256, 8, 8),
        "4e": (832, 4, 4),
        "5b": (1024, 2, 2),
    }
    assert torch.equal(net.linear1(maps["5b"].mean(dim=(2, 3))), net(x))


def test_nodes_by_name_in_the_order_asked_for() -> None:
    net = netdsl.compile("vgg16", input=(3, 32, 32)).eval()
    x = torch.randn(2, 3, 32, 32)
    maps = netdsl.feature_maps(net, ["relu2", "input", "conv1_1"])(x)
    assert list(maps) == ["relu2", "input", "conv1_1"]
    assert maps["input"] is x
    assert torch.equal(maps["conv1_1"], net.conv1_1(x))
    assert torch.equal(maps["relu2"], net.conv1_2(net.conv1_1(x).relu()).relu())


def test_a_tag_and_the_node_behind_it_are_one_tensor() -> None:
    net = netdsl.compile(TAGGED)
    assert set(network_of(net).tags) >= {"low", "joined"}
    maps = netdsl.feature_maps(net, ["low", "low.relu1", "low.inside"])(torch.randn(1, 3, 8, 8))
    assert maps["low"] is maps["low.relu1"]
    assert maps["low"] is not maps["low.inside"]


def test_weights_are_shared() -> None:
    net = netdsl.compile(TAGGED)
    maps = netdsl.feature_maps(net, ["joined"])
    weights = dict(net.named_parameters())
    assert all(parameter is weights[name] for name, parameter in maps.named_parameters())
    maps(torch.randn(2, 3, 8, 8))["joined"].sum().backward()
    assert net.low.conv1.weight.grad is not None
    assert net.linear1.weight.grad is None


def test_what_comes_later_is_left_out() -> None:
    vgg = netdsl.compile("vgg16", input=(3, 32, 32))
    maps = netdsl.feature_maps(vgg, ["relu1"])
    assert list(maps.state_dict()) == ["conv1_1.weight", "conv1_1.bias"]
    assert not list(netdsl.feature_maps(vgg, ["input"]).parameters())
    assert len(list(vgg.parameters())) == 32


def test_a_branch_that_is_not_on_the_way_is_left_out() -> None:
    net = netdsl.compile("googlenet.net:googlenet_plain", input=(3, 64, 64))
    names = list(netdsl.feature_maps(net, ["3a.branch2.conv1"]).state_dict())
    assert [name for name in names if name.startswith("3a")] == ["3a.branch2.conv1.weight", "3a.branch2.conv1.bias"]


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_that_of_the_net(training: bool) -> None:
    net = netdsl.compile("C3-4 B R", input=(3, 8, 8)).train(training)
    maps = netdsl.feature_maps(net, ["relu1"])
    assert maps.training == maps.batch_norm1.training == training


def test_feature_maps_of_feature_maps() -> None:
    net = netdsl.compile("googlenet.net:googlenet_plain", input=(3, 64, 64)).eval()
    x = torch.randn(1, 3, 64, 64)
    some = netdsl.feature_maps(net, ["3b"])
    assert torch.equal(netdsl.feature_maps(some, ["3a"])(x)["3a"], netdsl.feature_maps(net, ["3a"])(x)["3a"])
    with pytest.raises(netdsl.DiagnosticsError, match="NET209") as caught:
        netdsl.feature_maps(some, ["5b"])
    assert "tags: conv1, conv2, 3a, 3b" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("3aa", "did you mean `3a`?"),
        ("3a.conv1", "did you mean `"),
        ("conv11", "did you mean `conv1`?"),
        ("xyzzy", "tags: conv1, conv2, 3a"),
        ("", "tags: conv1, conv2, 3a"),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, close: str) -> None:
    net = netdsl.compile("googlenet.net:googlenet_plain", input=(3, 64, 64))
    with pytest.raises(netdsl.DiagnosticsError) as caught:
        netdsl.feature_maps(net, ["conv1", name])
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET209"
    assert f"`{name}`" in problem.message
    assert close in problem.note
