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
