"""Fully connected layers that flatten, and locally connected ones."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class FlatLinear(nn.Linear):
    """A linear layer on all numbers of a feature map."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1))


class LocallyConnected(nn.Module):
    """A convolution with weights of its own at each place, over any number of axes.

    `weight` is (places, in_channels * prod(kernel_size), out_channels), `bias` (out_channels, *output_size).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        output_size: tuple[int, ...],
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        fan_in = in_channels * math.prod(kernel_size)
        self.weight = nn.Parameter(torch.empty(math.prod(output_size), fan_in, out_channels))
        self.bias = nn.Parameter(torch.empty(out_channels, *output_size)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform within 1 / sqrt(fan_in), as torch does for convolutions."""
        bound = 1 / math.sqrt(self.weight.shape[1])
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        axes = len(self.kernel_size)
        patches = functional.pad(x, [p for padding in reversed(self.padding) for p in (padding, padding)])
        for axis, (k, s) in enumerate(zip(self.kernel_size, self.stride, strict=True)):
            patches = patches.unfold(axis + 2, k, s)
        size = patches.shape[2 : 2 + axes]
        places = range(2, 2 + axes)
        patches = patches.permute(*places, 0, 1, *range(2 + axes, 2 + 2 * axes)).reshape(
            -1, x.shape[0], self.weight.shape[1]
        )
        y = torch.bmm(patches, self.weight).permute(1, 2, 0).reshape(x.shape[0], -1, *size)
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
