"""The normalization of a run: from its training images, or, to try the net again, from its folder."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from netdsl.data import Dataset, Normalization, Say
from netdsl.data.contrast import GlobalContrast, Whitening
from netdsl.data.dataset import middle
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.recipes.method import Method
from netdsl.tasks.runs.run_folder import RunFolder

WHITENING = "whitening.safetensors"
IMAGENET = Normalization((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""What common weights for ImageNet expect: torchvision's mean .485 .456 .406 and deviation .229 .224 .225, in bytes."""

VGG = Normalization((123.68, 116.779, 103.939), (1.0, 1.0, 1.0))
"""ImageNet's mean colour, and no deviation: Simonyan & Zisserman, arXiv:1409.1556, section 2.1."""


def normalization_for(method: Method, data: Dataset, say: Say) -> Normalization:
    if method.normalize == "none":
        return Normalization.none(data.image.channels)
    if method.normalize == "imagenet":
        return IMAGENET
    if method.normalize == "vgg":
        return VGG
    if method.normalize == "zca":
        say(f"working out the whitening of {len(data.train_images):,} images")
        return Whitening.of(middle(data.train_images, data.image.size))
    channel = Normalization.of(data.train_images)
    return GlobalContrast(channel.mean, channel.std) if method.normalize == "gcn" else channel


def keep_normalization(normalization: Normalization, folder: RunFolder) -> None:
    """What is too large for config.yaml, in a file of its own."""
    if isinstance(normalization, Whitening):
        with folder.writing(WHITENING) as path:
            save_file({"centre": normalization.centre, "matrix": normalization.matrix}, path)


def kept_normalization(run: Path, kind: Any, channel: Normalization, image: FeatureMap) -> Normalization:
    """The one that the run was trained with; `channel` is what config.yaml says of mean and deviation."""
    if kind == "gcn":
        return GlobalContrast(channel.mean, channel.std)
    if kind != "zca":
        return channel
    path = run / WHITENING
    wanted = {"centre": (image.numel,), "matrix": (image.numel, image.numel)}
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        fail("NET554", f"`{path}` cannot be read", expected="a safetensors file", found=str(error))
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != wanted or any(tensor.dtype != torch.float32 for tensor in tensors.values()):
        fail("NET555", f"`{path}` does not fit the images", expected=str(wanted), found=str(found))
    return Whitening(channel.mean, channel.std, centre=tensors["centre"], matrix=tensors["matrix"])
