"""Tensors as what can be shown: signed numbers in colours around grey, magnitudes, tiles side by side. No drawing."""

from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netdsl.data import Normalization

Bytes = NDArray[np.uint8]
BRIGHT = 0.99
"""Share of the pixels that stay below white in a picture of magnitudes.

Source: Smilkov et al. 2017, arXiv:1706.03825, section 4: a few pixels with far larger gradients hide all others.
"""
SIGNED_BRIGHT = 0.995
"""The same for signed numbers, of which half the rest is black."""
GUTTER = 2  # pixels between tiles


def around_grey(values: Tensor, bright: float = 1) -> Bytes:
    """C x height x width of signed numbers as height x width x 3: 0 is grey, the largest number black or white.

    One scale for all colours. One channel is given in three equal ones. With `bright` below 1 so large a share of the
    numbers stays between black and white.
    """
    most = _most(values.abs(), bright)
    return as_rgb((127.5 + 127.5 * (values / most).clamp(-1, 1)).round().byte())


def magnitudes(values: Tensor) -> NDArray[np.float32]:
    """Height x width of numbers from 0 on, divided by what all but the brightest hundredth stay below, at most 1."""
    shown = values.float() / _most(values, BRIGHT)
    found: NDArray[np.float32] = shown.clamp(0, 1).cpu().numpy()
    return found


def _most(values: Tensor, share: float) -> Tensor:
    """What so large a share of the numbers, 0 and more, stays below; of numbers that are nearly all 0, the largest."""
    flat = values.flatten().float()
    most = flat.kthvalue(max(1, ceil(share * flat.numel()))).values
    return (most if most > 0 else flat.max()).clamp(min=torch.finfo(torch.float32).tiny)


def as_rgb(pixels: Tensor) -> Bytes:
    """uint8, C x height x width with one colour or three, as height x width x 3."""
    found: Bytes = pixels.expand(3, -1, -1).permute(1, 2, 0).cpu().numpy()
    return found


def denormalized(images: Tensor, normalization: Normalization) -> Tensor:
    """What the net gets, back as bytes: N x C x height x width, rounded, cut off at 0 and 255."""
    low, high = limits(normalization, images)
    span = (high - low).clamp(min=torch.finfo(images.dtype).tiny)
    return ((images - low) / span * 255).round().clamp(0, 255).byte()


def limits(normalization: Normalization, like: Tensor) -> tuple[Tensor, Tensor]:
    """Black and white as the net gets them: C x 1 x 1 each, of the type of `like`."""
    mean, std = (torch.tensor(numbers, dtype=torch.float64) for numbers in (normalization.mean, normalization.std))
    low, high = ((level - mean) / std for level in (0, 255))
    return low.view(-1, 1, 1).to(like), high.view(-1, 1, 1).to(like)


def mosaic(tiles: NDArray[np.generic], columns: int, fill: float) -> NDArray[np.generic]:
    """Tiles of one size (N x height x width, or with colours behind) in rows; `fill` between and behind them."""
    count, height, width, *colours = tiles.shape
    rows = ceil(count / columns)
    shape = (rows * (height + GUTTER) - GUTTER, columns * (width + GUTTER) - GUTTER, *colours)
    made = np.full(shape, fill, tiles.dtype)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        top, left = row * (height + GUTTER), column * (width + GUTTER)
        made[top : top + height, left : left + width] = tile
    return made


def enlarged(tiles: NDArray[np.generic], factor: int) -> NDArray[np.generic]:
    """Each pixel as a square of `factor` x `factor`: N x height x width and what follows."""
    return tiles.repeat(factor, axis=1).repeat(factor, axis=2)
