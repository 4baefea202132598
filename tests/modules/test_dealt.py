"""Convolutions whose results are dealt out, against the layers that they stand for."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from netdsl.geometry import Blocks, Phases
from netdsl.modules.dealt import BlockConv2d, PhaseConv2d

PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def convolution(draw, kernel_size, dilation=(1, 1), groups=1):
    torch.manual_seed(draw(st.integers(0, 99)))
    padding = draw(st.tuples(st.integers(0, 5), st.integers(0, 5)))
    bias, filters = draw(st.booleans()), draw(st.integers(1, 3))
    conv = nn.Conv2d(2 * groups, filters * groups, kernel_size, 1, padding, dilation, groups, bias)
    return conv.double()


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_phases_are_upsampling_and_convolution(data):
    scale, kernel_size = data.draw(PAIRS), data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    dilation = data.draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    conv = convolution(data.draw, kernel_size, dilation, data.draw(st.integers(1, 2)))
    x = torch.randn(2, conv.in_channels, *data.draw(SIZES), dtype=torch.float64)
    enlarged = nn.Upsample(scale_factor=tuple(map(float, scale)))(x)
    extents = zip(dilation, kernel_size, conv.padding, enlarged.shape[2:], strict=True)
    if any(d * (k - 1) >= n + 2 * p for d, k, p, n in extents):
        return  # no room for the kernel: the compiler refuses such a net
    made = PhaseConv2d(conv, scale, torch.float64)(x)
    torch.testing.assert_close(made, conv(enlarged), rtol=1e-12, atol=1e-12)
    assert made.is_contiguous(memory_format=torch.channels_last)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_blocks_are_the_convolution(data):
    block, kernel_size = data.draw(PAIRS), data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    conv = convolution(data.draw, kernel_size)
    x = torch.randn(2, 2, *data.draw(SIZES), dtype=torch.float64)
    if any(k > n + 2 * p for k, p, n in zip(kernel_size, conv.padding, x.shape[2:], strict=True)):
        return
    torch.testing.assert_close(BlockConv2d(conv, block, torch.float64)(x), conv(x), rtol=1e-12, atol=1e-12)


def test_the_usual_upsampling_becomes_two_by_two():
    """Four weights for each pixel in place of nine, and one pixel around the small map."""
    axis = Phases(2, 3, 1)
    assert (axis.taps, axis.small_padding, axis.first, axis.output_size(5)) == (2, 1, 1, 10)
    conv = PhaseConv2d(nn.Conv2d(3, 8, 3, padding=1), (2, 2), torch.float32)
    assert conv.weight.shape == (32, 3, 2, 2)


@pytest.mark.parametrize("n", [7, 8])
def test_the_last_block_is_whole(n):
    axis = Blocks(2, 9, 4)
    assert (axis.taps, axis.output_size(n), axis.first(n)) == (10, n, n % 2)


def test_no_weight_is_counted_twice_or_lost():
    """All phases of the folded weights together hold each weight once in each phase."""
    conv = nn.Conv2d(2, 3, 5, padding=2)
    folded = PhaseConv2d(conv, (3, 2), torch.float64)
    whole = folded.weight.view(6, 3, 2, *folded.weight.shape[2:]).sum((-2, -1))
    torch.testing.assert_close(whole, conv.weight.double().sum((-2, -1)).expand(6, 3, 2))
