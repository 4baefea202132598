"""Joins as modules: each takes the outputs of its branches as separate arguments."""

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """The sum of tensors of one shape."""

    def forward(self, *xs: Tensor) -> Tensor:
        y = xs[0]
        for x in xs[1:]:
            y = y + x
        return y


class Concat(nn.Module):
    """Tensors behind each other along the channels."""

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, dim=1)


class Mul(nn.Module):
    """The product of tensors of one shape; (N, C) and (N, C, 1, ...) weigh the channels of (N, C, *size)."""

    def forward(self, *xs: Tensor) -> Tensor:
        axes = max(x.dim() for x in xs)
        y, *others = (x.reshape(x.shape + (1,) * (axes - x.dim())) for x in xs)
        for x in others:
            y = y * x
        return y


class Mean(nn.Module):
    """The mean of tensors of one shape."""

    def forward(self, *xs: Tensor) -> Tensor:
        y = xs[0]
        for x in xs[1:]:
            y = y + x
        return y / len(xs)


class Max(nn.Module):
    """The largest number of tensors of one shape, place by place."""

    def forward(self, *xs: Tensor) -> Tensor:
        y = xs[0]
        for x in xs[1:]:
            y = torch.maximum(y, x)
        return y


class Gate(nn.Module):
    """s * a + (1 - s) * b."""

    def forward(self, s: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return torch.lerp(b, a, s)


class Slice(nn.Module):
    """Slice `index` of `parts` equal slices of the channels."""

    def __init__(self, index: int, parts: int) -> None:
        super().__init__()
        self.index = index
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[1] // self.parts
        return x[:, self.index * size : (self.index + 1) * size]

    def extra_repr(self) -> str:
        return f"index={self.index}, parts={self.parts}"
