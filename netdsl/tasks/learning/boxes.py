"""Boxes of objects: as what a net gives, and how well two agree."""

import torch
from torch import Tensor


def shares(boxes: Tensor, images: Tensor) -> Tensor:
    """Left, top, right, bottom in pixels (images x 4) as shares of the images' width and height, 0 to 1."""
    height, width = images.shape[-2:]
    return boxes / boxes.new_tensor((width, height, width, height))


def overlap(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of boxes, pair by pair (images x 4 each, in one unit): images, 0 to 1.

    A box whose right is left of its left, or its bottom above its top, is empty, and agrees with nothing.
    """
    corner, end = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    shared = (end - corner).clamp(min=0).prod(1)
    areas = [(box[:, 2:] - box[:, :2]).clamp(min=0).prod(1) for box in (one, other)]
    return shared / (areas[0] + areas[1] - shared).clamp(min=torch.finfo(torch.float32).tiny)
