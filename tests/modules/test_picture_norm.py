"""The norm for pictures against torch's instance norm and the conditional one."""

import pytest
import torch
from torch import nn

from netdsl.modules.condition import ConditionalInstanceNorm
from netdsl.modules.picture_norm import Mixture, PictureNorm


@pytest.mark.parametrize("channels", [1, 3, 16])
@pytest.mark.parametrize("images", [1, 3])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("relu", [True, False])
def test_is_instance_norm(channels, images, affine, relu):
    torch.manual_seed(0)
    x = 3 * torch.randn(images, channels, 9, 13, dtype=torch.float64) + 5
    norm = nn.InstanceNorm2d(channels, affine=affine).double()
    factors = (torch.randn(channels).double(), torch.randn(channels).double()) if affine else ()
    for parameter, value in zip(norm.parameters(), factors, strict=True):
        parameter.data.copy_(value)
    before = x.clone()
    expected = norm(x).relu() if relu else norm(x)
    torch.testing.assert_close(PictureNorm(1e-5, relu, over=False)(x, *factors), expected)
    assert torch.equal(x, before)


def test_writes_over_its_input_where_it_may():
    x = torch.randn(2, 16, 8, 8).contiguous(memory_format=torch.channels_last)
    y = PictureNorm(1e-5, True, over=True)(x)
    assert y.data_ptr() == x.data_ptr()
    assert torch.equal(x, y)


@pytest.mark.parametrize("shape", [(2, 4, 7), (2, 4, 3, 5, 2)])
def test_other_numbers_of_axes(shape):
    x, scale, shift = torch.randn(shape), torch.randn(2, 4), torch.randn(2, 4)
    axes = (...,) + (None,) * (len(shape) - 2)
    expected = nn.functional.instance_norm(x) * scale[axes] + shift[axes]
    torch.testing.assert_close(PictureNorm(1e-5, False, over=True)(x, scale, shift), expected)


def test_statistics_of_bfloat16_are_float32():
    torch.manual_seed(0)
    x = (torch.randn(1, 16, 64, 64) + 3).bfloat16()
    scale, shift = torch.rand(16) + 0.5, torch.randn(16)
    expected = nn.functional.instance_norm(x.float(), weight=scale, bias=shift)
    found = PictureNorm(1e-5, False, over=False)(x, scale, shift)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, expected.bfloat16()) or (found - expected).abs().max() <= 2**-8 * expected.abs().max()


def test_a_mixture_is_that_of_each_norm():
    torch.manual_seed(0)
    norms = [ConditionalInstanceNorm(channels, 3) for channels in (4, 7)]
    for norm in norms:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    weights = torch.tensor([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    parts = Mixture([(norm.weight, norm.bias) for norm in norms])(weights)
    for norm, scale, shift in zip(norms, parts[::2], parts[1::2], strict=True):
        x = torch.randn(2, norm.weight.shape[1], 5, 6)
        found = PictureNorm(norm.eps, False, over=False)(x, scale, shift)
        torch.testing.assert_close(found, norm(x, weights), rtol=1e-5, atol=1e-5)
