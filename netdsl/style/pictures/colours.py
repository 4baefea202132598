"""Painting without the painting's colours: only light and dark of the result, or a style in the content's colours."""

import torch
from torch import Tensor

LIGHT = (0.299, 0.587, 0.114)
"""Luminance of red, green and blue, ITU-R BT.601."""
SMALLEST = 1e-3
"""Added to the variance of colours (of 0 to 255): a grey picture has none in two directions."""


def luminance_of(painted: Tensor, colours: Tensor) -> Tensor:
    """Light and dark of one picture in the colours of another. Both 1 x 3 x height x width, 0 to 255.

    Red, green and blue are moved by one amount, so the differences between them, the colours, are the other's.
    Source: Gatys et al. 2016, arXiv:1606.05897, section 3.2.
    """
    light = painted.new_tensor(LIGHT).view(1, 3, 1, 1)
    return colours + ((painted - colours) * light).sum(1, keepdim=True)


def matched(style: Tensor, content: Tensor) -> Tensor:
    """The style with the mean and covariance of the content's colours, by a linear map of each pixel.

    Pictures are 1 x 3 x height x width. The map is the symmetric one that Gatys et al. call image analogies' (arXiv:
    1606.05897, section 3.1, equation 3): root(content covariance) times the inverse root of the style's.
    """
    ours, theirs = (picture[0].flatten(1).double() for picture in (style, content))
    mean, wanted = ours.mean(1, keepdim=True), theirs.mean(1, keepdim=True)
    change = _power(_covariance(theirs), 0.5) @ _power(_covariance(ours), -0.5)
    return (change @ (ours - mean) + wanted).view(style.shape[1:])[None].to(style.dtype)


def _covariance(colours: Tensor) -> Tensor:
    centred = colours - colours.mean(1, keepdim=True)
    return centred @ centred.T / colours.shape[1] + SMALLEST * torch.eye(3, dtype=colours.dtype)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    made: Tensor = vectors @ torch.diag(values**exponent) @ vectors.T
    return made
