"""Normalizations that look at whole images: global contrast, and ZCA whitening behind it."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from netdsl.data.batches import Normalization

CHUNK = 1000  # images
LEAST_VARIANCE = 0.1  # added to each direction's, as the code of maxout nets does behind a contrast of 1


@dataclass(frozen=True, slots=True)
class GlobalContrast(Normalization):
    """Each image minus its own mean, over its own standard deviation, channels together.

    Mean and deviation of the training images serve only as the colour of borders.
    """

    def __call__(self, images: Tensor) -> Tensor:
        pixels = images.float()
        deviation, mean = torch.std_mean(pixels, tuple(range(1, images.dim())), correction=0, keepdim=True)
        return pixels.sub_(mean).div_(deviation.clamp_min_(1.0))  # an image of one colour is only centred


@dataclass(frozen=True, slots=True, eq=False)
class Whitening(GlobalContrast):
    """Global contrast, then a rotation, a scale for each direction, and the rotation back: Krizhevsky 2009, appendix A.

    `centre`, d, is the mean training image and `matrix`, d x d, symmetric; d is channels x height x width.
    """

    centre: Tensor = field(kw_only=True)
    matrix: Tensor = field(kw_only=True)
    moved: dict[torch.device, tuple[Tensor, Tensor]] = field(default_factory=dict, kw_only=True)

    @classmethod
    def of(cls, images: Tensor) -> "Whitening":
        channel = Normalization.of(images)
        contrast = GlobalContrast(channel.mean, channel.std)
        size = images[0].numel()
        centre = torch.zeros(size, dtype=torch.float64)
        covariance = torch.zeros(size, size, dtype=torch.float64)
        for start in range(0, len(images), CHUNK):
            centre += contrast(images[start : start + CHUNK]).flatten(1).sum(0, dtype=torch.float64) / len(images)
        for start in range(0, len(images), CHUNK):  # again, as all of them at once would be four times the data set
            centred = contrast(images[start : start + CHUNK]).flatten(1) - centre.float()
            covariance += centred.T @ centred
        variances, directions = torch.linalg.eigh(covariance / len(images))
        scale = (variances.clamp_min(0) + LEAST_VARIANCE).rsqrt()
        matrix = (directions * scale) @ directions.T
        return cls(channel.mean, channel.std, centre=centre.float(), matrix=matrix.float())

    def __call__(self, images: Tensor) -> Tensor:
        if images.device not in self.moved:
            self.moved[images.device] = self.centre.to(images.device), self.matrix.to(images.device)
        centre, matrix = self.moved[images.device]
        pixels = GlobalContrast.__call__(self, images)
        return ((pixels.flatten(1) - centre) @ matrix).view_as(pixels)
