"""Instance normalization of maps whose channels lie last in memory, forward and backward."""

from typing import Any

import torch
from torch import Tensor, nn

FEW_CHANNELS = 8
"""Below so many, a vector of the processor holds more than one pixel."""


class InstanceNorm2d(nn.InstanceNorm2d):
    """torch's, with a way of its own for maps with the channels last."""

    def forward(self, x: Tensor) -> Tensor:
        return instance_norm(x, self.weight, self.bias, self.eps) if goes_last(x) else super().forward(x)


def goes_last(x: Tensor) -> bool:
    """Does a map lie in memory as `instance_norm` takes it, and where it is faster?"""
    if x.dim() != 4 or x.device.type != "cpu" or torch.compiler.is_compiling() or not x.numel():
        return False
    return x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()


def instance_norm(x: Tensor, scale: Tensor | None, shift: Tensor | None, eps: float) -> Tensor:
    """Of (N, C, H, W) in memory as (N, H, W, C). `scale` and `shift` are (C,), (1, C) or (N, C), or both None.

    torch's own copies such maps into the other order first, and what comes out lies in that: four more passes in a
    training step. Mean and variance are float32, of maps in any precision. One derivative only.
    """
    if scale is None or shift is None:
        scale, shift = (x.new_full((1,), value, dtype=precise(x)) for value in (1.0, 0.0))
    y: Tensor = _ChannelsLast.apply(x, of_each(scale, x), of_each(shift, x), eps)  # type: ignore[no-untyped-call]
    return y


def of_each(numbers: Tensor, x: Tensor) -> Tensor:
    """A scale or shift as (N, C), each number in its own place: torch's batch norm reads past one that is expanded."""
    return numbers.expand(x.shape[:2]).contiguous()


def precise(x: Tensor) -> torch.dtype:
    """What a map's sums are in."""
    return torch.promote_types(x.dtype, torch.float32)


def moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel of (C, H, W).

    torch's batch norm adds up all pixels of such a map one after the other in float32, which has the deviation of
    2048 x 2048 off by 0.2 %. Here each column of the picture has its own sums, as short as the picture is high, and the
    columns are put together.
    """
    channels, height, width = image.shape
    rows = image.permute(1, 2, 0).view(height, width * channels)
    kept = image.new_ones(width * channels, dtype=precise(image))  # without, those of bfloat16 would be bfloat16
    means, variances = (t.view(width, channels) for t in torch.batch_norm_update_stats(rows, kept, kept, 0.0))
    return means.mean(0), variances.mean(0) + means.var(0, correction=0)


def normalize(x: Tensor, y: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor, eps: float) -> None:
    """Write (C, H, W), normalized, into another of its kind or into itself."""
    channels, height, width = x.shape
    numbers = [scale, shift, mean, variance]
    if channels < FEW_CHANNELS:
        x, y = (t.permute(1, 2, 0).view(height, width * channels) for t in (x, y))
        numbers = [number.repeat(width) for number in numbers]
    else:
        x, y = x[None], y[None]
    scale, shift, mean, variance = numbers
    out = (y, mean.new_empty(0), mean.new_empty(0))
    torch.native_batch_norm(x, scale, shift, mean, variance, False, 0.0, eps, out=out)


class _ChannelsLast(torch.autograd.Function):
    """Picture by picture, since a batch norm of one picture is its instance norm."""

    @staticmethod
    def forward(context: Any, x: Tensor, scale: Tensor, shift: Tensor, eps: float) -> Tensor:
        y = torch.empty_like(x)
        found = []
        for image, made, a, b in zip(x, y, scale, shift, strict=True):
            mean, variance = moments(image)
            normalize(image, made, mean, variance, a, b, eps)
            found.append((mean, variance))
        means, variances = map(torch.stack, zip(*found, strict=True))
        context.save_for_backward(x, scale, means, (variances + eps).rsqrt())
        context.eps = eps
        return y

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Any:
        x, scale, means, inverse = context.saved_tensors
        (of_y,) = gradients
        of_y = of_y.to(x.dtype).contiguous(memory_format=torch.channels_last)
        found = []
        for number, mean in enumerate(means):
            of_it = mean, inverse[number], True, context.eps, [True, True, True]
            pair = of_y[number : number + 1], x[number : number + 1]
            found.append(torch.ops.aten.native_batch_norm_backward(*pair, scale[number], None, None, *of_it))
        of_x, of_scale, of_shift = zip(*found, strict=True)
        return torch.cat(of_x), torch.stack(of_scale), torch.stack(of_shift), None
