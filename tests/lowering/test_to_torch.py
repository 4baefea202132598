"""A lowered net against torch modules written by hand: the same weights give the same outputs and gradients."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx, nn

import netdsl

from . import by_hand
from .by_hand import Function, Gather, conv

INCEPTION = """
block inception(n1, n3r, n3, n5r, n5, pool) {
  concat { C1-{n1} R | C1-{n3r} R C3-{n3} R | C1-{n5r} R C5-{n5} R | P3/1s C1-{pool} R }
}
net one { input 6x9x9 inception(4, 3, 5, 2, 4, 3) }
"""
EXCITATION = "net se { input 8x6x6 mul { id | G F{here.channels / 4} R F8 sigmoid } }"

CASES: dict[str, tuple[str, tuple[int, ...] | None, Callable[[], nn.Module]]] = {
    "baseline": ("baseline", None, by_hand.baseline),
    "vgg column": (
        "C3D8 R C3D8 R M C3D16 R C3D16 R M C3D32 R C3D32 R M FC64 R D.5 FC64 R D.5 FC10 S",
        (3, 16, 16),
        by_hand.vgg_column,
    ),
    "googlenet": ("googlenet.net:googlenet_plain", (3, 64, 64), by_hand.googlenet),
    "inception module": (INCEPTION, None, lambda: by_hand.inception(6, 4, 3, 5, 2, 4, 3)),
    "squeezenet": ("squeezenet", (3, 48, 48), by_hand.squeezenet),
    "one axis": (
        "C3-8/2 B R P2 C5-16d2 R G F4",
        (2, 65),
        lambda: nn.Sequential(
            *(nn.Conv1d(2, 8, 3, 2, padding=1, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2)),
            *(nn.Conv1d(8, 16, 5, padding=4, dilation=2), nn.ReLU(), Gather(), nn.Linear(16, 4)),
        ),
    ),
    "three axes": (
        "C3-4 B R A2 C3x1x1-8g2 R P2 F3",
        (2, 9, 8, 8),
        lambda: nn.Sequential(
            *(nn.Conv3d(2, 4, 3, padding=1, bias=False), nn.BatchNorm3d(4), nn.ReLU(), nn.AvgPool3d(2)),
            *(nn.Conv3d(4, 8, (3, 1, 1), padding=(1, 0, 0), groups=2), nn.ReLU(), nn.MaxPool3d(2)),
            *(nn.Flatten(), nn.Linear(8 * 2 * 2 * 2, 3)),
        ),
    ),
    "rectangular windows": (
        "C1x7-6 R C7x1-6/2x1 R P2p0x1 A3x1/1 G",
        (3, 15, 15),
        lambda: nn.Sequential(
            *(nn.Conv2d(3, 6, (1, 7), padding=(0, 3)), nn.ReLU()),
            *(nn.Conv2d(6, 6, (7, 1), (2, 1), padding=(3, 0)), nn.ReLU()),
            *(nn.MaxPool2d(2, padding=(0, 1)), nn.AvgPool2d((3, 1), 1), Gather()),
        ),
    ),
    "decoder": ("C3-8/2 I R C3-16/2 R T4-8/2p1b R U2 C5-3 tanh(scale=150)", (3, 16, 16), by_hand.decoder),
    "padded shortcut": (
        "residual(shortcut=pad) { C3-8/2 B R C3-8 B } R",
        (4, 9, 8),
        by_hand.PaddedResidual,
    ),
    "projected shortcut": (
        "residual { C3-8/2 B R C3-8 B }",
        (4, 9, 8),
        lambda: by_hand.Residual(
            nn.Sequential(
                *(conv(4, 8, 3, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
                *(conv(8, 8, bias=False), nn.BatchNorm2d(8)),
            ),
            nn.Sequential(conv(4, 8, 1, 2, bias=False), nn.BatchNorm2d(8)),
        ),
    ),
    "drop_path": (
        "residual(drop_path=0.4, scale=.5) { C3-4 R C3-4 }",
        (4, 6, 6),
        lambda: by_hand.DroppedPath(0.4, 0.5),
    ),
    "local response norm": (
        "C5-12 R L P3/2",
        (3, 11, 11),
        lambda: nn.Sequential(conv(3, 12, 5), nn.ReLU(), nn.LocalResponseNorm(5, 1e-4, 0.75, 2), nn.MaxPool2d(3, 2)),
    ),
    "convolution on a vector": (
        "F8 R C1-6 R F5",
        (3, 4, 4),
        lambda: nn.Sequential(
            *(nn.Flatten(), nn.Linear(48, 8), nn.ReLU(), Function(lambda x: x[:, :, None, None])),
            *(nn.Conv2d(8, 6, 1), nn.ReLU(), nn.Flatten(), nn.Linear(6, 5)),
        ),
    ),
    "squeeze and excitation": (EXCITATION, None, lambda: by_hand.Excitation(8, 2)),
    "kept bias": (
        "C3-6b B R C3-6n R F4n",
        (3, 5, 5),
        lambda: nn.Sequential(
            *(conv(3, 6), nn.BatchNorm2d(6), nn.ReLU(), conv(6, 6, bias=False), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(150, 4, bias=False)),
        ),
    ),
    "shuffle and depthwise": (
        "C1-12g3 R shuffle(3) C3w B C1-8",
        (6, 7, 7),
        lambda: nn.Sequential(
            *(nn.Conv2d(6, 12, 1, groups=3), nn.ReLU(), nn.ChannelShuffle(3)),
            *(nn.Conv2d(12, 12, 3, padding=1, groups=12, bias=False), nn.BatchNorm2d(12), nn.Conv2d(12, 8, 1)),
        ),
    ),
}
WITH_PARAMETERS: dict[str, tuple[str, dict[str, object], Callable[[], nn.Module]]] = {
    "resnet20": ("resnet", {}, by_hand.resnet),
    "densenet": ("densenet", {"depth": 10}, lambda: by_hand.densenet(10, 12)),
    "densenet_bc": (
        "densenet",
        {"depth": 16, "k": 6, "bottleneck": True, "theta": 0.5, "drop": 0.2},
        lambda: by_hand.densenet_bc(16, 6, 0.2),
    ),
}


def with_same_weights(net: fx.GraphModule, hand: nn.Module) -> None:
    """Random weights for both, norms and running statistics included; the two hold their layers in one order."""
    torch.manual_seed(1)
    for tensor in net.state_dict().values():
        if tensor.is_floating_point() and tensor.dim() == 1:
            tensor.uniform_(0.5, 1.5)
    theirs = hand.state_dict()
    hand.load_state_dict(dict(zip(theirs, net.state_dict().values(), strict=True)))


def run(module: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The output, and the gradients of the input and all parameters for a loss in which every output counts."""
    torch.manual_seed(2)  # dropout draws the same masks
    x = x.clone().requires_grad_()
    y = module(x)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
    gradients = torch.autograd.grad((weights * y).sum(), [x, *module.parameters()])
    return y.detach(), list(gradients)


def assert_equal(net: fx.GraphModule, hand: nn.Module) -> None:
    net, hand = net.double(), hand.double()
    with_same_weights(net, hand)
    torch.manual_seed(0)
    x = torch.randn(3, *net.meta["network"].input.shape, dtype=torch.float64)
    for training in (True, False):
        ours, theirs = run(net.train(training), x), run(hand.train(training), x)
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_a_module_by_hand(name: str) -> None:
    net, size, hand = CASES[name]
    assert_equal(netdsl.compile(net, input=size), hand())


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_nets_with_parameters(name: str) -> None:
    net, parameters, hand = WITH_PARAMETERS[name]
    assert_equal(netdsl.compile(net, **parameters), hand())


def test_running_statistics_are_kept_as_torch_keeps_them() -> None:
    net = netdsl.compile("C3-4 B R", input=(2, 5, 5))
    hand = nn.Sequential(conv(2, 4, bias=False), nn.BatchNorm2d(4), nn.ReLU())
    hand.load_state_dict(dict(zip(hand.state_dict(), net.state_dict().values(), strict=True)))
    x = torch.randn(4, 2, 5, 5)
    for module in (net, hand):
        module(x)
    assert torch.equal(net.batch_norm1.running_var, hand[1].running_var)
    assert net.batch_norm1.num_batches_tracked == 1


def test_names_are_those_of_the_nodes() -> None:
    net = netdsl.compile("googlenet.net:googlenet_plain", input=(3, 64, 64))
    assert "3a.branch2.conv1.weight" in net.state_dict()
    network = netdsl.lowering.network_of(net)
    with_weights = {node.name for node, counts in zip(network.nodes, network.counts, strict=True) if counts.params}
    assert {name.rpartition(".")[0] for name in net.state_dict()} == with_weights
    assert [str(node.target) for node in net.graph.nodes if node.op == "call_module"] == [
        node.name for node in network.nodes[1:]
    ]


def test_a_map_of_one_pixel_comes_out_as_a_vector() -> None:
    assert netdsl.compile("C3-4 R G", input=(3, 8, 8))(torch.zeros(2, 3, 8, 8)).shape == (2, 4)
    assert netdsl.compile("C8-4v", input=(3, 8, 8))(torch.zeros(2, 3, 8, 8)).shape == (2, 4)
    assert netdsl.compile("C3-1", input=(3, 8, 8))(torch.zeros(2, 3, 8, 8)).shape == (2, 1, 8, 8)


def test_any_batch_size() -> None:
    net = netdsl.compile("baseline").eval()
    x = torch.randn(5, 1, 28, 28)
    assert net(x[:0]).shape == (0, 10)
    torch.testing.assert_close(net(x)[3:4], net(x[3:4]))


def test_the_tag_of_a_part_that_ends_the_net_is_no_trouble() -> None:
    net = netdsl.compile("net a { input 3x8x8 (C3-4 R) @end }")
    assert list(net.state_dict()) == ["end.conv1.weight", "end.conv1.bias"]
