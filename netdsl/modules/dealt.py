"""Convolutions that give several pixels at once, as channels, which are then dealt out to their places."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from netdsl.geometry import Blocks, Phases

Pair = tuple[int, int]


class PhaseConv2d(nn.Module):
    """Nearest upsampling and a convolution of stride 1 with zero padding, worked out on the small map.

    Copies of a pixel meet several weights, which are added up beforehand: at scale 2 and 3x3, 4 in place of 9.
    `conv` gives weights and padding, `dtype` is that of weights and maps. Equal to the two layers up to rounding.
    Source: Shi et al. 2016, arXiv:1609.07009, which shows the two forms to be one.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, conv: nn.Conv2d, scale: Pair, dtype: torch.dtype) -> None:
        super().__init__()
        self.scale, self.groups = scale, conv.groups
        self.axes = [
            Phases(s, k, p, d) for s, k, p, d in zip(scale, conv.kernel_size, padding(conv), conv.dilation, strict=True)
        ]
        down, across = (_meeting(axis).to(conv.weight.device) for axis in self.axes)
        whole = conv.weight.detach().double().view(conv.groups, -1, *conv.weight.shape[1:])
        summed = torch.einsum("gfcyx,aty,bux->gabfctu", whole, down, across)
        _keep(self, "weight", summed.flatten(0, 3), dtype)
        _keep(self, "bias", _of_each_result(conv, scale), dtype)

    def forward(self, x: Tensor) -> Tensor:
        around = [axis.small_padding for axis in self.axes]
        y = conv2d(x, self.weight, self.bias, padding=around, groups=self.groups)
        size = [axis.output_size(n) for axis, n in zip(self.axes, x.shape[2:], strict=True)]
        return _dealt(y, self.groups, self.scale, [axis.first for axis in self.axes], size)

    def extra_repr(self) -> str:
        return f"scale={self.scale}, kernel_size={tuple(self.weight.shape[2:])}"


class BlockConv2d(nn.Module):
    """A convolution of stride 1 with few filters, as one that gives a block of pixels at each step.

    A processor works out 16 filters in the time of 3; 2 x 2 pixels make 12 of them. Equal up to rounding.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, conv: nn.Conv2d, block: Pair, dtype: torch.dtype) -> None:
        super().__init__()
        self.block = block
        self.axes = [Blocks(b, k, p) for b, k, p in zip(block, conv.kernel_size, padding(conv), strict=True)]
        down, across = self.axes
        weight = conv.weight.detach().new_zeros(*block, *conv.weight.shape[:2], down.taps, across.taps)
        for y in range(block[0]):
            for x in range(block[1]):
                weight[y, x, ..., y : y + down.kernel_size, x : x + across.kernel_size] = conv.weight.detach()
        _keep(self, "weight", weight.flatten(0, 2), dtype)
        _keep(self, "bias", _of_each_result(conv, block), dtype)

    def forward(self, x: Tensor) -> Tensor:
        sizes = list(zip(self.axes, x.shape[2:], strict=True))
        first = [axis.first(n) for axis, n in sizes]
        around = [axis.padding + skipped for axis, skipped in zip(self.axes, first, strict=True)]
        y = conv2d(x, self.weight, self.bias, self.block, around)
        return _dealt(y, 1, self.block, first, [axis.output_size(n) for axis, n in sizes])

    def extra_repr(self) -> str:
        return f"block={self.block}, kernel_size={tuple(self.weight.shape[2:])}"


def padding(conv: nn.Conv2d) -> Pair:
    """In numbers: torch's layer may also hold a word."""
    assert not isinstance(conv.padding, str), conv.padding
    down, across = conv.padding
    return down, across


def _meeting(axis: Phases) -> Tensor:
    """phases x taps x kernel_size: 1 where in a phase a weight meets a pixel of the small window."""
    meets = torch.zeros(axis.scale, axis.taps, axis.kernel_size, dtype=torch.float64)
    for phase in range(axis.scale):
        for place in range(axis.kernel_size):
            meets[phase, axis.tap(phase, place), place] = 1
    return meets


def _of_each_result(conv: nn.Conv2d, results: Pair) -> Tensor | None:
    """The bias, group by group as often as there are results."""
    if conv.bias is None:
        return None
    return conv.bias.detach().view(conv.groups, 1, -1).expand(-1, results[0] * results[1], -1).flatten()


def _keep(module: nn.Module, name: str, tensor: Tensor | None, dtype: torch.dtype) -> None:
    """As a buffer that belongs to no checkpoint, since it is made from the convolution's own."""
    if tensor is not None:
        tensor = tensor.to(dtype)
        tensor = tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor
    module.register_buffer(name, tensor, persistent=False)


def _dealt(y: Tensor, groups: int, each: Pair, first: Sequence[int], size: Sequence[int]) -> Tensor:
    """(N, groups * each * channels, H, W) as (N, groups * channels, *size), channels last in memory."""
    (down, across), (top, left), (height, width) = each, first, size
    n, _, h, w = y.shape
    pixels = y.permute(0, 2, 3, 1).reshape(n, h, w, groups, down, across, -1)
    rows = pixels.permute(0, 1, 4, 2, 5, 3, 6).reshape(n, h * down, w * across, -1)
    kept = rows[:, top : top + height, left : left + width].permute(0, 3, 1, 2)
    return kept.contiguous(memory_format=torch.channels_last)
