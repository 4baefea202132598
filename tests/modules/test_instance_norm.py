"""The norm of maps with the channels last against torch's, forward and backward."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from netdsl.modules.condition import ConditionalInstanceNorm
from netdsl.modules.instance_norm import InstanceNorm2d, goes_last, instance_norm, moments

LAST = torch.channels_last


def maps(channels: int, dtype: torch.dtype = torch.float64, images: int = 2) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(images, channels, 9, 13, generator=random, dtype=torch.float64) + 5
    return x.to(dtype).contiguous(memory_format=LAST)


@pytest.mark.parametrize("channels", [2, 3, 16])
@pytest.mark.parametrize("affine", [True, False])
def test_outputs_and_gradients_are_torchs(channels, affine):
    ours, theirs = (kind(channels, affine=affine).double() for kind in (InstanceNorm2d, nn.InstanceNorm2d))
    if affine:
        nn.init.normal_(ours.weight)
        nn.init.normal_(ours.bias)
        theirs.load_state_dict(ours.state_dict())
    x, y = maps(channels).requires_grad_(), maps(channels).contiguous().requires_grad_()
    found, expected = ours(x), theirs(y)
    assert goes_last(x) and not goes_last(y) and found.is_contiguous(memory_format=LAST)
    torch.testing.assert_close(found, expected)
    weights = torch.randn(expected.shape, dtype=torch.float64)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(x.grad, y.grad)
    for mine, own in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, own.grad)


@pytest.mark.parametrize("rows", [1, 2])
def test_a_scale_for_each_picture_has_its_gradient(rows):
    x = maps(4).requires_grad_()
    scale, shift = (torch.randn(rows, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda *given: instance_norm(*given, 1e-5), (x, scale, shift))


def test_a_conditional_norm_is_the_same_in_both_orders():
    torch.manual_seed(0)
    norm = ConditionalInstanceNorm(4, 3).double()
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    condition = torch.tensor([[0.2, 0.3, 0.5], [1, 0, 0]], dtype=torch.float64)
    found = []
    for x in (maps(4), maps(4).contiguous()):
        x.requires_grad_()
        norm.zero_grad()
        y = norm(x, condition)
        y.pow(3).sum().backward()
        found.append([y, x.grad, norm.weight.grad, norm.bias.grad])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_bfloat16_keeps_its_statistics_and_gradients_in_float32():
    x = maps(16, torch.bfloat16).requires_grad_()
    exact = x.detach().double().contiguous().requires_grad_()
    norm = InstanceNorm2d(16, affine=True)
    weights = torch.randn(exact.shape, dtype=torch.float64)
    y = norm(x)
    expected = functional.instance_norm(exact)
    assert y.dtype == torch.bfloat16 and (y - expected).abs().max() <= 2**-8 * expected.abs().max()
    (y * weights).sum().backward()
    (expected * weights).sum().backward()
    assert (x.grad - exact.grad).norm() < 0.01 * exact.grad.norm()
    assert norm.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("mean", [0.0, 10.0])
def test_the_sums_of_a_large_map_stay_exact(mean):
    """torch's batch norm of the same map in the same order is off by more than a thousandth."""
    random = torch.Generator().manual_seed(0)
    image = (torch.randn(2048, 2048, 2, generator=random) + mean).permute(2, 0, 1)
    found, variance = moments(image)
    exact = image.double()
    torch.testing.assert_close(found.double(), exact.mean((1, 2)), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(variance.double(), exact.var((1, 2), correction=0), rtol=1e-6, atol=0)
