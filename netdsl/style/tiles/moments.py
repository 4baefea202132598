"""Mean and variance of the channels of a map that is never there as a whole."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Moments:
    """How many numbers a channel had, their mean, and the sum of their squared distances from it; float64."""

    count: int
    mean: Tensor
    distances: Tensor

    @classmethod
    def of(cls, x: Tensor) -> "Moments":
        """Of 1 x C x H x W. Around a first mean, so that nothing is lost where the mean is large."""
        count = x.shape[2] * x.shape[3]
        near = x.sum((0, 2, 3), dtype=torch.float64) / count
        away = x - near.to(x.dtype).view(1, -1, 1, 1)
        rest = away.sum((0, 2, 3), dtype=torch.float64) / count
        squares = away.square_().sum((0, 2, 3), dtype=torch.float64)
        return cls(count, near.to(x.dtype).double() + rest, squares - count * rest.square())

    def merged(self, other: "Moments") -> "Moments":
        """Of both together.

        Source: Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances"
        """
        count = self.count + other.count
        apart = other.mean - self.mean
        share = other.count / count
        between = apart.square() * (self.count * share)
        return Moments(count, self.mean + apart * share, self.distances + other.distances + between)

    @property
    def variance(self) -> Tensor:
        """Over all numbers, as normalization takes it."""
        return self.distances / self.count
