"""Conditional instance normalization, and the condition that chooses its scale and shift.

Source: Dumoulin et al. 2017, arXiv:1610.07629, equation 5; the mixture of values is the thesis's equation 5.14.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from netdsl.diagnostics import fail
from netdsl.modules.instance_norm import goes_last, instance_norm


class Condition(nn.Module):
    """A condition as weights over its values, N x values (or 1 x values, for all images).

    Takes an index, or N of them as whole numbers; or weights as floating-point numbers, (values,) or (N, values).
    Errors: DiagnosticsError with NET560 for an index out of range or another number of weights.
    """

    def __init__(self, values: int) -> None:
        super().__init__()
        self.values = values

    def forward(self, given: Any) -> Tensor:
        condition = torch.as_tensor(given)
        if condition.is_floating_point():
            if condition.dim() not in (1, 2) or condition.shape[-1] != self.values:
                found = "x".join(map(str, condition.shape)) or "one number"
                self._refuse(f"{self.values} weights, or as many for each image", found)
            return condition.reshape(-1, self.values)
        if condition.dim() > 1:
            self._refuse("one index, or one for each image", "x".join(map(str, condition.shape)))
        if not (condition.is_meta or torch.compiler.is_exporting()) and condition.numel():
            low, high = int(condition.min()), int(condition.max())
            if low < 0 or high >= self.values:
                self._refuse(f"an index from 0 to {self.values - 1}", str(low if low < 0 else high))
        return (condition.reshape(-1, 1) == torch.arange(self.values, device=condition.device)).float()

    def _refuse(self, expected: str, found: str) -> None:
        fail("NET560", "the condition has no such value", expected=expected, found=found)

    def extra_repr(self) -> str:
        return f"{self.values}"


class ConditionalInstanceNorm(nn.Module):
    """Instance normalization of (N, C, *size) with the scale and shift that a condition's weights choose."""

    def __init__(self, channels: int, values: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(values, channels))
        self.bias = nn.Parameter(torch.zeros(values, channels))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        weights = condition.to(x.dtype).to(x.device).unsqueeze(2)
        scale, shift = ((weights * table).sum(1) for table in (self.weight, self.bias))
        if goes_last(x):
            return instance_norm(x, scale, shift, self.eps)
        y = functional.instance_norm(x, eps=self.eps)
        axes = (...,) + (None,) * (x.dim() - 2)
        return y * scale[axes] + shift[axes]

    def extra_repr(self) -> str:
        values, channels = self.weight.shape
        return f"{channels}, values={values}, eps={self.eps}"
