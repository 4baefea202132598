"""What stops a training with a message: nothing to train, a diverged loss, no memory left. And determinism."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import torch
from torch import nn

from netdsl.data import Dataset
from netdsl.diagnostics import fail
from netdsl.recipes.method import Method


def check_trainable(module: nn.Module, images: int, method: Method, processes: int = 1) -> None:
    """Reports NET543 for a net without weights, NET541 for batch norm over a single image.

    And NET527 for fewer images in a batch than processes that share it.
    """
    if not any(parameter.requires_grad for parameter in module.parameters()):
        fail("NET543", "the net has no weights to train", note="add a layer that has some, such as `F10` at the end")
    if min(method.batch, images) < processes:
        fail(
            "NET527",
            "a batch has fewer images than there are processes",
            expected=f"{processes} images or more in a batch",
            found=f"--batch {method.batch}, {images:,} training images",
        )
    normed = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in module.modules())
    if normed and min(method.batch, images) == 1:
        fail(
            "NET541",
            "batch norm has nothing to average over in a batch of one image",
            expected="2 images or more in a batch",
            found=f"--batch {method.batch}, {images:,} training images",
        )


def check_early_stop(method: Method, data: Dataset) -> None:
    """Reports NET529 where nothing is held out to stop by: the test images decide nothing."""
    if method.early_stop is not None and data.valid_images is None:
        fail(
            "NET529",
            "`early_stop` needs images that are held out from training",
            expected="a part of the training images to judge by",
            found=f"all {len(data.train_images):,} are trained on",
            note="hold some out: --valid-fraction 0.1",
        )


def diverged(epoch: int, batch: int, in_epoch: int, lr: float) -> NoReturn:
    fail(
        "NET540",
        f"the loss is not a number any more in epoch {epoch}, at or before batch {batch} of {in_epoch}",
        expected="a finite loss",
        found=f"none, with a learning rate of {lr:g}",
        note=f"try a lower learning rate, such as --lr {lr / 10:g}, or batch norm (`B`) after the convolutions",
    )


@contextmanager
def determinism(wanted: bool) -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS asks for; read at its first use
        torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


@contextmanager
def memory() -> Iterator[None]:
    """Says in our words that the memory is full; torch says it as a RuntimeError with differing texts."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and "out of memory" not in text and "allocate memory" not in text:
            raise
        fail(
            "NET542",
            "there is not enough memory for training",
            found=str(error).splitlines()[0] if str(error) else "no memory left",
            note="take a smaller batch, with --batch",
        )
