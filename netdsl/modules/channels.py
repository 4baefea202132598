"""Modules that reorder, weigh or compare the channels of (N, C, *size)."""

import torch
from torch import Tensor, nn


class Shuffle(nn.Module):
    """Channels of `groups` groups dealt out in turn; torch's own wants more than two axes."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, *size = x.shape
        return x.reshape(batch, self.groups, channels // self.groups, *size).transpose(1, 2).reshape(x.shape)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"


class Times(nn.Module):
    """factor * x."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x

    def extra_repr(self) -> str:
        return f"factor={self.factor}"


class Scale(nn.Module):
    """Each channel times a weight of its own, plus a bias of its own if there is one."""

    def __init__(self, channels: int, init: float = 1.0, bias: bool = False) -> None:
        super().__init__()
        self.init = init
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.init)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        each = (-1, *(1,) * (x.dim() - 2))
        y = x * self.weight.reshape(each)
        return y if self.bias is None else y + self.bias.reshape(each)

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, init={self.init}"


class Maxout(nn.Module):
    """The largest of each `pieces` neighbouring channels."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, *size = x.shape
        return x.reshape(batch, channels // self.pieces, self.pieces, *size).max(dim=2).values

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"
