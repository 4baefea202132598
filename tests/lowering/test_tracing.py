"""A lowered net goes through torch.export, torch.compile, deepcopy and torch.save as any module does."""

import copy
import io

import pytest
import torch
from torch import fx

import netdsl

NETS = {
    "baseline": lambda: netdsl.compile("baseline"),
    "resnet": lambda: netdsl.compile("resnet", n=1),
    "densenet": lambda: netdsl.compile("densenet", depth=10, k=4),
    "squeezenet": lambda: netdsl.compile("squeezenet", input=(3, 32, 32), classes=10),
    "googlenet": lambda: netdsl.compile("googlenet.net:googlenet_plain", input=(3, 32, 32), classes=10),
    "all joins": lambda: netdsl.compile(
        "C3-8 R add { C3-8 | id } concat { mul { id | G sigmoid } | P3/1s } residual(shortcut=pad) { C3-16/2 R } "
        "F8 R C1-4 tanh(scale=3)",
        input=(3, 8, 8),
    ),
    "upsampling": lambda: netdsl.compile("C3-4/2 R T4-4/2s U2 upsample(2, mode=bilinear) C3-3", input=(3, 8, 8)),
}


def images(net: fx.GraphModule, count: int = 2) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(count, *netdsl.lowering.network_of(net).input.shape)


@pytest.mark.parametrize("name", NETS)
def test_export(name: str) -> None:
    net = NETS[name]().eval()
    x = images(net)
    exported = torch.export.export(net, (x,))
    torch.testing.assert_close(exported.module()(x), net(x))
    assert set(exported.state_dict) == set(net.state_dict())


def test_export_for_any_batch() -> None:
    net = netdsl.compile("baseline").eval()
    exported = torch.export.export(net, (images(net),), dynamic_shapes={"x": {0: torch.export.Dim("batch")}})
    x = images(net, 5)
    torch.testing.assert_close(exported.module()(x), net(x))


@pytest.mark.parametrize("name", ["resnet", "all joins"])
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compile(name: str, backend: str) -> None:
    net = NETS[name]()
    x = images(net)
    torch._dynamo.reset()
    compiled = torch.compile(copy.deepcopy(net), backend=backend, fullgraph=True)
    expected, found = net(x), compiled(x)
    torch.testing.assert_close(found, expected)
    expected.sum().backward()
    found.sum().backward()
    for ours, theirs in zip(net.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(theirs.grad, ours.grad)


def test_deepcopy_is_another_net_with_the_same_weights() -> None:
    net = NETS["resnet"]()
    twin = copy.deepcopy(net)
    x = images(net)
    assert torch.equal(net.eval()(x), twin.eval()(x))
    assert netdsl.lowering.network_of(twin).counts == netdsl.lowering.network_of(net).counts
    with torch.no_grad():
        twin.conv1.weight.zero_()
    assert net.conv1.weight.any()


def test_state_dict_through_a_pickle() -> None:
    net, other = NETS["resnet"](), NETS["resnet"]()
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    x = images(net)
    assert torch.equal(net.eval()(x), other.eval()(x))


def test_the_whole_module_through_a_pickle() -> None:
    net = NETS["all joins"]().eval()
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    again = torch.load(file, weights_only=False)
    assert torch.equal(again(images(net)), net(images(net)))


def test_training_and_evaluation() -> None:
    net = netdsl.compile("baseline")
    x = images(net)
    assert net.training
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert not any(module.training for module in net.modules())
    assert torch.equal(net(x), net(x))
    assert all(module.training for module in net.train().modules())


def test_devices_and_types_go_everywhere() -> None:
    net = NETS["all joins"]().to("meta").half()
    assert {(p.device.type, p.dtype) for p in net.parameters()} == {("meta", torch.float16)}
    with torch.device("meta"):
        large = netdsl.compile("vgg16")
    assert large.linear1.weight.is_meta
    assert large(torch.empty(1, 3, 224, 224, device="meta")).shape == (1, 1000)
