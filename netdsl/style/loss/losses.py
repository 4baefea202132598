"""What two pictures differ in: content, style, and how rough one is. The thesis's equations 5.5 to 5.9."""

import torch
from torch import Tensor

from netdsl.style.loss.grams import gram_matrices

BYTES = 255.0
"""White, as pictures count."""


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Mean of the squared differences, a number. Equation 5.5 for one layer, without its weight.

    Both are 1 x channels x height x width. Worked out in float32 at least, whatever the features are in.
    """
    return (widened(features) - widened(target)).square().mean()


def gram_matrix(features: Tensor, region: Tensor | None = None) -> Tensor:
    """Channels x channels: the mean over all places of the products of two channels. Equations 5.6 and 5.7.

    `features` are 1 x channels x height x width; the products are summed in float32 at least. With a `region`, height x
    width from 0 to 1, the mean is over that part of the picture: places count as much as it says there.
    """
    if region is None:
        return gram_matrices(features)[0]
    return gram_sum(features, region) / region.sum().to(features.device)


def gram_sum(features: Tensor, region: Tensor | None = None) -> Tensor:
    """Its numerator: sums of several parts of a picture add up to the whole picture's."""
    places = widened(features[0].permute(1, 2, 0).flatten(0, 1))  # as they lie in memory where channels are last
    weighted = places if region is None else places * region.flatten().to(places)[:, None]
    return weighted.T @ places


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """Mean of the squared differences of two Gram matrices, a number. Equation 5.8 for one layer, unweighted."""
    return (gram - target).square().mean()


def total_variation(picture: Tensor) -> Tensor:
    """How much neighbouring pixels differ: the mean of (down - here)^2 + (right - here)^2. Equation 5.9, beta = 2.

    `picture` is 1 x channels x height x width. The paper sums; the mean over all numbers keeps the weight's meaning at
    every size. A difference over the picture's edge counts as none.
    """
    down = (picture[..., 1:, :] - picture[..., :-1, :]).square().sum()
    right = (picture[..., :, 1:] - picture[..., :, :-1]).square().sum()
    return (down + right) / picture.numel()


def mean_square(values: Tensor) -> float:
    """What a loss of these values is set against, so that it does not depend on how large the net's numbers are."""
    return max(float(widened(values).square().mean()), torch.finfo(torch.float32).tiny)


def widened(values: Tensor) -> Tensor:
    """In float32; float64 stays, for what is compared with care."""
    return values if values.dtype == torch.float64 else values.float()
