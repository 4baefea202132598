"""Gram matrices of feature maps, with their gradient: which features occur together. Equations 5.6 and 5.7."""

from typing import Any

import torch
from torch import Tensor


def gram_matrices(features: Tensor) -> Tensor:
    """Images x channels x channels: the mean over an image's places of the products of two channels.

    `features` are images x channels x height x width; channels last in memory is fastest. The products of bfloat16 are
    summed in float32, and so is what comes back. The gradient is made once: of P^T P torch takes that of both factors
    and adds them up. That of bfloat16 is a product of bfloat16, since it is given in no other.
    """
    grams: Tensor = _Grams.apply(features.permute(0, 2, 3, 1).flatten(1, 2))  # type: ignore[no-untyped-call]
    return grams


class _Grams(torch.autograd.Function):
    """P^T P / places of (images, places, channels)."""

    @staticmethod
    def forward(context: Any, images: Tensor) -> Tensor:
        context.save_for_backward(images)
        grams = []
        for image in images:  # a copy of one in float32 at a time
            places = image.to(torch.promote_types(image.dtype, torch.float32))
            grams.append(places.T @ places / len(places))
        return torch.stack(grams)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        (images,) = context.saved_tensors
        (gradient,) = gradients
        both = (gradient + gradient.mT) / images.shape[1]
        return torch.bmm(images, both.to(images.dtype))
