"""Random changes of training images: whole batches of bytes at once, on the device where they are.

`fill` is the colour of what is not there, 1 x channels x 1 x 1; `chance` draws on the CPU, the same for every device.
"""

import torch
from torch import Generator, Tensor


def pad_crop(images: Tensor, padding: int, fill: Tensor, chance: Generator) -> Tensor:
    """Puts a border around each image, and cuts a window of the old size out of it, anywhere."""
    count, channels, height, width = images.shape
    high, wide = height + 2 * padding, width + 2 * padding
    padded = fill.expand(count, channels, high, wide).contiguous()
    padded[:, :, padding : padding + height, padding : padding + width] = images
    top, left = (_draw(2 * padding + 1, images, chance) for _ in range(2))
    planes = torch.arange(0, padded.numel(), high * wide, device=images.device).view(count, channels)
    first = planes + (top * wide + left)[:, None]  # the place of each window's first pixel
    windows = padded.numel() - (height - 1) * wide - width + 1  # one from every place, also those across two rows
    return padded.as_strided((windows, height, width), (1, wide, 1)).index_select(0, first.view(-1)).view_as(images)


def flip(images: Tensor, p: float, chance: Generator) -> Tensor:
    """Turns left into right, in a share `p` of the images."""
    chosen = (torch.rand(len(images), generator=chance) < p).nonzero()[:, 0].to(images.device)
    return images.index_copy(0, chosen, images.index_select(0, chosen).flip(-1))


def cutout(images: Tensor, size: int, fill: Tensor, chance: Generator) -> Tensor:
    """Covers a square whose middle is any pixel, so that a part of it may be outside: DeVries and Taylor 2017."""
    rows, columns = (_covered(length, size, images, chance) for length in images.shape[2:])
    return torch.where(rows[:, None, :, None] & columns[:, None, None, :], fill, images)


def _covered(length: int, size: int, images: Tensor, chance: Generator) -> Tensor:
    """Which pixels of an axis the square covers, images x length."""
    first = _draw(length, images, chance)[:, None] - size // 2
    place = torch.arange(length, device=images.device)
    return (place >= first) & (place < first + size)


def _draw(below: int, images: Tensor, chance: Generator) -> Tensor:
    """A whole number from 0 on for each image, on the images' device."""
    return torch.randint(below, (len(images),), generator=chance).to(images.device)
