"""Instance normalization of maps whose channels lie last in memory, for a net that only infers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm

FEW_CHANNELS = 8
"""Below so many, a vector of the processor holds more than one pixel."""


class PictureNorm(nn.Module):
    """Instance normalization of (N, C, H, W) with a scale and a shift, and a ReLU behind it.

    `over` writes over what comes in. Mean and variance are float32, of maps in any precision.
    torch's own copies maps with the channels last into another order first; torch's batch norm, which does not, adds up
    all pixels of a channel one after the other in float32, which has the deviation of 2048 x 2048 off by 0.2 %. Here
    each column of the picture has its own sums, as short as the picture is high, and the columns are put together.
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
        y = instance_norm(x.to(_precise(x)), eps=self.eps)
        return (y if scale is None or shift is None else y * scale[axes] + shift[axes]).to(x.dtype)

    def _picture_by_picture(self, x: Tensor, scale: Tensor | None, shift: Tensor | None) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        y = x if self.over else torch.empty_like(x)
        factors = [None if t is None else t.expand(x.shape[0], -1) for t in (scale, shift)]
        for number in range(x.shape[0]):
            self._norm(x[number], y[number], *(None if t is None else t[number] for t in factors))
        return y

    def _norm(self, x: Tensor, y: Tensor, scale: Tensor | None, shift: Tensor | None) -> None:
        channels, height, width = x.shape
        rows, made = (t.permute(1, 2, 0).reshape(height, width * channels) for t in (x, y))
        kept = x.new_ones(width * channels, dtype=_precise(x))  # without, the statistics of bfloat16 would be bfloat16
        means, variances = (t.view(width, channels) for t in torch.batch_norm_update_stats(rows, kept, kept, 0.0))
        mean = means.mean(0)
        variance = variances.mean(0) + means.var(0, correction=0)
        x, y = x[None], y[None]
        if channels < FEW_CHANNELS:
            x, y = rows, made
            scale, shift = (None if number is None else number.repeat(width) for number in (scale, shift))
            mean, variance = mean.repeat(width), variance.repeat(width)
        out = (y, mean.new_empty(0), mean.new_empty(0))
        torch.native_batch_norm(x, scale, shift, mean, variance, False, 0.0, self.eps, out=out)

    def extra_repr(self) -> str:
        return f"eps={self.eps}, relu={self.relu}, over={self.over}"


def _precise(x: Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)


class Mixture(nn.Module):
    """The scales and shifts of all norms behind a condition, of a mixture of its values (the thesis's equation 5.14).

    `norms` are their tables, each values x channels. One product for all of them, and not one for each norm.
    """

    table: Tensor

    def __init__(self, tables: Sequence[tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        pairs = [table.detach() for pair in tables for table in pair]
        self.widths = [table.shape[1] for table in pairs]
        self.register_buffer("table", torch.cat(pairs, 1), persistent=False)

    def forward(self, weights: Tensor) -> tuple[Tensor, ...]:
        """Scale, shift of the first norm, of the second, ..., each (N, channels)."""
        given = weights.to(self.table)
        return torch.split(given @ self.table, self.widths, 1)
