"""Batch normalization over the images of all processes of a run; torch's own does it on a GPU only."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class SyncedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """A batch norm whose mean and variance are those of all processes' images together, while it trains.

    Shape: (N, C, *size) -> (N, C, *size); N may differ between processes
    """

    @classmethod
    def of(cls, norm: nn.modules.batchnorm._BatchNorm) -> "SyncedBatchNorm":
        """The same norm, with its own weights and statistics."""
        made = cls(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats, device="meta")
        made._parameters, made._buffers, made.training = norm._parameters, norm._buffers, norm.training
        return made

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            still: Tensor = super().forward(x)
            return still
        y, mean, variance, count = _Normalize.apply(x, self.eps)  # type: ignore[no-untyped-call]
        self._follow(mean, variance, count)
        normalized: Tensor = y
        if not self.affine:
            return normalized
        shape = (1, -1, *[1] * (x.dim() - 2))
        return torch.addcmul(self.bias.view(shape), normalized, self.weight.view(shape))

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        """Running statistics move towards those of the batch; the variance without bias, as torch has it."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var.dtype), share)

    def _check_input_dim(self, x: Tensor) -> None:
        """Any number of axes."""


def synchronize_norms(module: nn.Module) -> None:
    """Put a `SyncedBatchNorm` in the place of every batch norm inside the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.modules.batchnorm._BatchNorm):
            setattr(module, name, SyncedBatchNorm.of(child))
        else:
            synchronize_norms(child)


class _Normalize(torch.autograd.Function):
    """(x - mean) / sqrt(variance + eps) over all processes, and the mean, variance and count.

    Source: Ioffe & Szegedy, arXiv:1502.03167, section 3; the sums of its equations are taken over all processes
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        axes = [axis for axis in range(x.dim()) if axis != 1]
        wide = _wide(x)
        own_variance, own_mean = torch.var_mean(wide, axes, correction=0)
        own_count = own_mean.new_full((1,), x.numel() / x.shape[1])
        parts = _gathered(torch.cat([own_count, own_mean, own_variance]))
        counts, means, variances = parts[:, :1], parts[:, 1 : 1 + x.shape[1]], parts[:, 1 + x.shape[1] :]
        count = counts.sum()
        mean = (means * counts).sum(0) / count
        variance = ((variances + (means - mean) ** 2) * counts).sum(0) / count
        shape = (1, -1, *[1] * (x.dim() - 2))
        scale = torch.rsqrt(variance + eps).view(shape)
        y = ((wide - mean.view(shape)) * scale).to(x.dtype)
        ctx.save_for_backward(y, scale, count)
        ctx.axes = axes
        ctx.mark_non_differentiable(mean, variance, count)
        return y, mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        dy = gradients[0]
        y, scale, count = ctx.saved_tensors
        sums = torch.stack([_wide(dy).sum(ctx.axes), (_wide(dy) * y).sum(ctx.axes)])
        dist.all_reduce(sums)
        mean_dy, mean_dy_y = (sums / count).view(2, *scale.shape)
        return (scale * (dy - mean_dy - y * mean_dy_y)).to(dy.dtype), None


def _wide(x: Tensor) -> Tensor:
    """In a precision that sums can be taken in."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _gathered(own: Tensor) -> Tensor:
    """What every process has, processes x numbers."""
    parts = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, own)
    return torch.stack(parts)
