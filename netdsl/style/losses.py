"""What two pictures differ in: content, style, and how rough one is. The thesis's equations 5.5 to 5.9."""

import torch
from torch import Tensor

from netdsl.style.grams import gram_matrices


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Mean of the squared differences, a number. Equation 5.5 for one layer, without its weight.

    Both are 1 x channels x height x width. Worked out in float32, whatever the features are in.
    """
    return (features.float() - target.float()).square().mean()


def gram_matrix(features: Tensor, region: Tensor | None = None) -> Tensor:
    """Channels x channels: the mean over all places of the products of two channels. Equations 5.6 and 5.7.

    `features` are 1 x channels x height x width; the products are summed in float32. With a `region`, height x width
    from 0 to 1, the mean is over that part of the picture: places count as much as it says there.
    """
    if region is None:
        return gram_matrices(features)[0]
    places = features[0].permute(1, 2, 0).flatten(0, 1).float()  # as they lie in memory where channels are last
    share = region.flatten().to(places)
    return (places * share[:, None]).T @ places / share.sum()


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
    return max(float(values.float().square().mean()), torch.finfo(torch.float32).tiny)
