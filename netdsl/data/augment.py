"""Random changes of training images: whole batches of bytes at once, on the device where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CHANCES = 0x2545F491  # torch's generator on the CPU takes 32 bits of a seed; this keeps the shuffling's seed for itself


@dataclass(frozen=True, slots=True)
class PadCrop:
    """Puts a border around each image, and cuts a window of the old size out of it, anywhere."""

    padding: int

    @property
    def pixels(self) -> int:
        return self.padding

    def as_setting(self) -> dict[str, Any]:
        return {"pad_crop": {"padding": self.padding}}

    def __call__(self, images: Tensor, fill: Tensor, chance: torch.Generator) -> Tensor:
        count, channels, height, width = images.shape
        size = height + 2 * self.padding, width + 2 * self.padding
        padded = fill.expand(count, channels, *size).contiguous()
        padded[:, :, self.padding : self.padding + height, self.padding : self.padding + width] = images
        top, left = (_draw(2 * self.padding + 1, count, chance, images).repeat_interleave(channels) for _ in range(2))
        windows = padded.flatten(0, 1).unfold(1, height, 1).unfold(2, width, 1)
        planes = torch.arange(count * channels, device=images.device)
        return windows[planes, top, left].view_as(images)


@dataclass(frozen=True, slots=True)
class Flip:
    """Turns left into right, in a share `p` of the images."""

    p: float = 0.5

    @property
    def pixels(self) -> int:
        return 0

    def as_setting(self) -> dict[str, Any]:
        return {"flip": {"p": self.p}}

    def __call__(self, images: Tensor, fill: Tensor, chance: torch.Generator) -> Tensor:
        chosen = torch.rand(len(images), generator=chance).to(images.device) < self.p
        return torch.where(chosen.view(-1, 1, 1, 1), images.flip(-1), images)


@dataclass(frozen=True, slots=True)
class Cutout:
    """Covers a square whose middle is any pixel, so that a part of it may be outside: DeVries and Taylor 2017."""

    size: int

    @property
    def pixels(self) -> int:
        return self.size

    def as_setting(self) -> dict[str, Any]:
        return {"cutout": {"size": self.size}}

    def __call__(self, images: Tensor, fill: Tensor, chance: torch.Generator) -> Tensor:
        rows, columns = (self._covered(length, len(images), chance, images) for length in images.shape[2:])
        return torch.where(rows[:, None, :, None] & columns[:, None, None, :], fill, images)

    def _covered(self, length: int, count: int, chance: torch.Generator, like: Tensor) -> Tensor:
        """Which pixels of an axis the square covers, images x length."""
        first = _draw(length, count, chance, like)[:, None] - self.size // 2
        place = torch.arange(length, device=like.device)
        return (place >= first) & (place < first + self.size)


Augmentation = PadCrop | Flip | Cutout


class Augmenter:
    """Augmentations one after the other, each image by chances of its own; equal seeds give equal bytes.

    Borders and squares have the colour `fill`, a grey level for each channel. Chances are drawn on the CPU, so they are
    the same on every device.
    """

    def __init__(self, steps: Sequence[Augmentation], fill: Sequence[int], seed: int) -> None:
        self.steps = tuple(steps)
        self.fill = torch.tensor(fill, dtype=torch.uint8).view(1, -1, 1, 1)
        self.chance = torch.Generator().manual_seed(seed ^ CHANCES)

    def __call__(self, images: Tensor) -> Tensor:
        if self.steps:
            fill = self.fill = self.fill.to(images.device)
            for step in self.steps:
                images = step(images, fill, self.chance)
        return images


def _draw(below: int, count: int, chance: torch.Generator, like: Tensor) -> Tensor:
    """Whole numbers from 0 on, on the images' device."""
    return torch.randint(below, (count,), generator=chance).to(like.device)
