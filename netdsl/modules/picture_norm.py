"""Instance normalization for a net that only infers: over what comes in, with the ReLU behind it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from netdsl.modules.instance_norm import moments, normalize, of_each, precise


class PictureNorm(nn.Module):
    """Instance normalization of (N, C, H, W) with a scale and a shift, and a ReLU behind it.

    `over` writes over what comes in, if that has its channels last.
    """

    def __init__(self, eps: float, relu: bool, over: bool) -> None:
        super().__init__()
        self.eps, self.relu, self.over = eps, relu, over

    def forward(self, x: Tensor, scale: Tensor | None = None, shift: Tensor | None = None) -> Tensor:
        """`scale` and `shift` are (C,) or (1, C) for all pictures, or (N, C)."""
        here = x.dim() == 4 and x.device.type == "cpu" and x.numel()
        y = self._picture_by_picture(x, scale, shift) if here else self._plain(x, scale, shift)
        return y.relu_() if self.relu else y

    def _plain(self, x: Tensor, scale: Tensor | None, shift: Tensor | None) -> Tensor:
        axes = (...,) + (None,) * (x.dim() - 2)
        y = functional.instance_norm(x.to(precise(x)), eps=self.eps)
        return (y if scale is None or shift is None else y * scale[axes] + shift[axes]).to(x.dtype)

    def _picture_by_picture(self, x: Tensor, scale: Tensor | None, shift: Tensor | None) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        y = x if self.over else torch.empty_like(x)
        if scale is None or shift is None:
            scale, shift = (x.new_full((1,), value, dtype=precise(x)) for value in (1.0, 0.0))
        for image, made, a, b in zip(x, y, of_each(scale, x), of_each(shift, x), strict=True):
            normalize(image, made, *moments(image), a, b, self.eps)
        return y

    def extra_repr(self) -> str:
        return f"eps={self.eps}, relu={self.relu}, over={self.over}"


class Mixture(nn.Module):
    """The scales and shifts of all norms behind a condition, of a mixture of its values (the thesis's equation 5.14).

    The tables are values x channels. One product for all norms, and not one for each.
    """

    table: Tensor

    def __init__(self, tables: Sequence[tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        pairs = [table.detach() for pair in tables for table in pair]
        self.widths = [table.shape[1] for table in pairs]
        self.register_buffer("table", torch.cat(pairs, 1), persistent=False)

    def forward(self, weights: Tensor) -> tuple[Tensor, ...]:
        """Scale, shift of the first norm, of the second, ..., each (N, channels)."""
        parts: tuple[Tensor, ...] = torch.split(weights.to(self.table) @ self.table, self.widths, 1)
        return parts
