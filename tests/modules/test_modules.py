"""The modules that torch.nn lacks: against other ways of computing the same, and through torch.export."""

import pytest
import torch
from torch import nn

from netdsl.modules.activation import ScaledTanh
from netdsl.modules.channels import Maxout, Scale, Shuffle, Times
from netdsl.modules.joins import Add, Concat, Mul
from netdsl.modules.linear import FlatLinear, LocallyConnected
from netdsl.modules.norm import L2Norm, LayerNorm


@pytest.mark.parametrize("size", [(7,), (7, 5), (5, 4, 6)])
@pytest.mark.parametrize(("kernel_size", "stride", "padding"), [(3, 1, 1), (3, 2, 0), (2, 2, 0)])
def test_a_local_layer_with_shared_weights_is_a_convolution(
    size: tuple[int, ...], kernel_size: int, stride: int, padding: int
) -> None:
    axes = len(size)
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1](3, 4, kernel_size, stride, padding).double()
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    y = conv(x)
    local = LocallyConnected(
        3, 4, tuple(y.shape[2:]), (kernel_size,) * axes, (stride,) * axes, (padding,) * axes
    ).double()
    with torch.no_grad():
        local.weight.copy_(conv.weight.flatten(1).T.expand_as(local.weight))
        local.bias.copy_(conv.bias.reshape(-1, *(1,) * axes).expand_as(local.bias))
    torch.testing.assert_close(local(x), y)


def test_each_place_of_a_local_layer_has_its_own_weights() -> None:
    local = LocallyConnected(1, 1, (2,), (1,), (1,), (0,), bias=False)
    with torch.no_grad():
        local.weight.copy_(torch.tensor([2.0, 3.0]).reshape(2, 1, 1))
    assert local(torch.ones(1, 1, 2)).flatten().tolist() == [2, 3]


def test_layer_norm_of_each_pixel() -> None:
    x = torch.randn(2, 6, 4, 5)
    mean, variance = x.mean(dim=1, keepdim=True), x.var(dim=1, keepdim=True, unbiased=False)
    torch.testing.assert_close(LayerNorm(6)(x), (x - mean) / (variance + 1e-5).sqrt())


def test_l2_norm_of_each_pixel() -> None:
    y = L2Norm()(torch.randn(2, 6, 4, 5))
    torch.testing.assert_close(y.norm(dim=1), torch.ones(2, 4, 5))


def test_shuffle_is_torchs_channel_shuffle() -> None:
    x = torch.randn(2, 12, 4, 5)
    torch.testing.assert_close(Shuffle(3)(x), nn.functional.channel_shuffle(x, 3))


@pytest.mark.parametrize("gate", [(2, 6), (2, 6, 1, 1), (2, 6, 4, 5)])
def test_products_broadcast_over_pixels_only(gate: tuple[int, ...]) -> None:
    x, weights = torch.randn(2, 6, 4, 5), torch.randn(gate)
    expected = x * weights.reshape(gate + (1,) * (4 - len(gate)))
    torch.testing.assert_close(Mul()(x, weights), expected)
    torch.testing.assert_close(Mul()(weights, x), expected)


def test_joins_of_three_branches() -> None:
    xs = [torch.randn(2, 6, 4, 5) for _ in range(3)]
    torch.testing.assert_close(Add()(*xs), xs[0] + xs[1] + xs[2])
    torch.testing.assert_close(Concat()(*xs), torch.cat(xs, dim=1))
    torch.testing.assert_close(Mul()(*xs), xs[0] * xs[1] * xs[2])


def modules() -> list[nn.Module]:
    local = LocallyConnected(6, 2, (4, 5), (3, 3), (1, 1), (1, 1))
    return [
        ScaledTanh(150),
        Shuffle(2),
        Times(0.17),
        Scale(6),
        Maxout(3),
        LayerNorm(6),
        L2Norm(),
        FlatLinear(120, 3),
        local,
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda module: type(module).__name__)
def test_torch_export_takes_them_for_any_batch(module: nn.Module) -> None:
    x = torch.randn(3, 6, 4, 5)
    batch = torch.export.Dim("batch")
    exported = torch.export.export(module.eval(), (x,), dynamic_shapes=({0: batch},))
    larger = torch.randn(5, 6, 4, 5)
    torch.testing.assert_close(exported.module()(larger), module(larger))
