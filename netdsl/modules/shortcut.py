"""Torch modules for residual units: the shortcut without parameters, and stochastic depth."""

import torch
from torch import Tensor, nn


class Subsample(nn.Module):
    """Every stride-th pixel of N x C x *size, and zeros for `new_channels` behind the channels."""

    def __init__(self, new_channels: int, stride: tuple[int, ...]) -> None:
        super().__init__()
        self.new_channels = new_channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        for axis, stride in enumerate(self.stride, start=2):
            if stride > 1:
                x = x[(slice(None),) * axis + (slice(None, None, stride),)]
        return nn.functional.pad(x, (0, 0) * len(self.stride) + (0, self.new_channels))

    def extra_repr(self) -> str:
        return f"new_channels={self.new_channels}, stride={self.stride}"


class DropPath(nn.Module):
    """All of an image's numbers set to zero with probability p while training, the others scaled by 1 / (1 - p)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.empty(x.shape[0], *(1,) * (x.dim() - 1), dtype=x.dtype, device=x.device).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"
