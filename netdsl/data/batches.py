"""What is done to images on their way into a net: normalization per channel, and batches cut from one tensor."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Normalization:
    """(x - mean) / std, channel by channel; both in grey levels from 0 to 255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, images: Tensor) -> "Normalization":
        """Mean and standard deviation of each channel over all pixels of the images (uint8), exact up to rounding."""
        levels = torch.arange(256, dtype=torch.float64)
        means, deviations = [], []
        for channel in range(images.shape[1]):
            share = torch.bincount(images[:, channel].flatten(), minlength=256).double()
            share /= share.sum()
            mean = (share * levels).sum()
            means.append(mean.item())
            deviation = (share * (levels - mean) ** 2).sum().sqrt().item()
            deviations.append(deviation or 1.0)  # a channel of one colour is only centred
        return cls(tuple(means), tuple(deviations))

    @classmethod
    def none(cls, channels: int) -> "Normalization":
        """Only the change of unit, from 0..255 to 0..1."""
        return cls((0.0,) * channels, (255.0,) * channels)

    @property
    def zero(self) -> tuple[int, ...]:
        """The grey levels nearest to those that become 0, a colour for pixels that are not there."""
        return tuple(round(mean) for mean in self.mean)

    def __call__(self, images: Tensor) -> Tensor:
        shape = (1, -1, *[1] * (images.dim() - 2))
        mean = torch.tensor(self.mean, device=images.device).view(shape)
        scale = 1 / torch.tensor(self.std, device=images.device).view(shape)
        return images.float().sub_(mean).mul_(scale)


PER_IMAGE = ("images", "labels", "boxes", "partners")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some images with what a net is to say of them.

    images: uint8, images x channels x height x width; labels: int64, a class each
    boxes: int64, images x 4, as in `Dataset`; None where the data has none
    partners: int64, the class of the other image that is mixed into each; None where nothing is mixed
    share: how much of its own image each is, and of its own label its target; one number, where the images are
    """

    images: Tensor
    labels: Tensor
    boxes: Tensor | None = None
    partners: Tensor | None = None
    share: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> "Batch":
        each = {name: getattr(self, name) for name in PER_IMAGE}
        return replace(self, **{name: tensor[part] for name, tensor in each.items() if tensor is not None})

    def parts(self, count: int) -> "Iterator[Batch]":
        """The batch in `count` parts of nearly equal sizes, in order; in fewer where one would have a single image."""
        count = max(1, min(count, len(self) // 2))
        ends = [len(self) * number // count for number in range(count + 1)]
        for start, end in pairwise(ends):
            yield self[start:end]


def batches(images: Tensor, labels: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """All images in their order."""
    for start in range(0, len(images), batch):
        yield images[start : start + batch], labels[start : start + batch]


def shuffled(
    whole: Batch, batch: int, chance: torch.Generator, first: int = 0, count: int | None = None, passes: int = 1
) -> Iterator[Batch]:
    """One epoch of batches in an order of its own, from batch number `first` on, `count` in all.

    Each image comes `passes` times, once in each part of the epoch. Without a count a rest of a single image at the end
    is left out: batch norm has no variance over one value, and the next epoch's order leaves out another.
    """
    order = torch.cat([torch.randperm(len(whole), generator=chance) for _ in range(passes)])
    for number in range(first, count or batch_count(len(order), batch)):
        chosen = order[number * batch : (number + 1) * batch].to(whole.images.device)
        boxes = None if whole.boxes is None else whole.boxes.index_select(0, chosen)
        yield Batch(whole.images.index_select(0, chosen), whole.labels.index_select(0, chosen), boxes)


def batch_count(images: int, batch: int, least: int = 2) -> int:
    """Batches in a shuffled epoch; the rest at its end must have `least` images, or as many as a batch has."""
    return max(1, images // batch + (images % batch >= max(1, min(least, batch))))


def some_images(images: Tensor, count: int, seed: int) -> Tensor:
    """So many of the images, or all if there are fewer, drawn by a chance of their own."""
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:count]]
