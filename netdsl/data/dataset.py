"""A data set in memory: images, labels, names of the classes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from netdsl.data.held_out import hold_out
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Training, validation and test split, each as one tensor. Not every data set has a validation split.

    train_images, valid_images, test_images: uint8, images x channels x height x width; training images can be larger
        than the others, for augmentation to cut from
    train_labels, valid_labels, test_labels: int64, one number of a class an image, from 0
    train_boxes, valid_boxes, test_boxes: int64, images x 4: the object's left, top, right, bottom in pixels (the end
        not included)
    """

    name: str
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    class_names: tuple[str, ...]
    train_boxes: Tensor | None = None
    test_boxes: Tensor | None = None
    valid_images: Tensor | None = None
    valid_labels: Tensor | None = None
    valid_boxes: Tensor | None = None
    """Held out from training to choose by; None where nothing is."""
    drawn_labels: tuple[int, ...] = ()
    """Labels that say nothing of the images: each training image gets one of these by chance whenever it comes."""

    @property
    def image(self) -> FeatureMap:
        """What a net sees."""
        channels, *size = self.test_images.shape[1:]
        return FeatureMap(channels, tuple(size))

    @property
    def classes(self) -> int:
        return len(self.class_names)

    def split(self, name: str) -> tuple[Tensor, Tensor]:
        """Images and labels of `train`, `valid` or `test`. Errors: NET534 for a split that there is not"""
        images, labels, _ = self._parts(name)
        if images is None:
            fail(
                "NET534",
                f"{self.name} has no split `{name}` here",
                expected=", ".join(split for split in SPLITS if self._parts(split)[0] is not None),
                found=name,
                note="a run that was trained with --valid-fraction has a validation split" if name == "valid" else "",
            )
        return images, labels

    def boxes(self, name: str) -> Tensor | None:
        """The split's, where the data has some."""
        boxes: Tensor | None = self._parts(name)[2]
        return boxes

    def first(self, images: int) -> "Dataset":
        """The same with the first so many training images; the test split stays whole, so errors can be compared."""
        have = len(self.train_images)
        if not 1 <= images <= have:
            fail(
                "NET527",
                f"a subset of {images:,} images cannot be taken from {self.name}",
                expected=f"1 to {have:,} training images",
                found=f"{images:,}",
            )
        return self._with({"train": slice(images)})

    def only(self, class_names: Sequence[str]) -> "Dataset":
        """The images of these classes; a class's number is its place in `class_names`."""
        if tuple(class_names) == self.class_names:
            return self
        numbers = torch.full((self.classes,), -1)
        for number, name in enumerate(class_names):
            numbers[self.class_names.index(name)] = number
        chosen: dict[str, Any] = {}
        for split in SPLITS:
            _, labels, _ = self._parts(split)
            if labels is not None:
                chosen[split] = (numbers[labels] >= 0).nonzero()[:, 0]
        made = self._with(chosen)
        renumbered: dict[str, Any] = {
            f"{split}_labels": numbers[labels] for split in SPLITS if (labels := made._parts(split)[1]) is not None
        }
        return replace(made, class_names=tuple(class_names), **renumbered)

    def validated(self, fraction: float) -> "Dataset":
        """The same with this share of each class's training images held out, always the same ones."""
        if self.valid_images is not None:
            fail(
                "NET527",
                f"{self.name} has a validation split of its own",
                expected="no --valid-fraction",
                found=f"{fraction:g}",
            )
        stay, held = hold_out(self.train_labels, float(fraction))
        if not 0 < fraction < 1 or not len(stay) or not len(held):
            fail(
                "NET527",
                f"a share of {fraction:g} of {len(self.train_labels):,} training images cannot be held out",
                expected="a number above 0 and below 1 that leaves images on both sides",
                found=f"{fraction:g}, which holds out {len(held):,}",
            )
        valid = self._with({"train": held})
        return replace(
            self._with({"train": stay}),
            valid_images=middle(valid.train_images, self.image.size),
            valid_labels=valid.train_labels,
            valid_boxes=valid.train_boxes,
        )

    def _parts(self, split: str) -> tuple[Any, Any, Any]:
        return tuple(getattr(self, f"{split}_{part}") for part in ("images", "labels", "boxes"))

    def _with(self, chosen: dict[str, Any]) -> "Dataset":
        """The same with only some of a split's images, by their places or a slice."""
        changed: dict[str, Any] = {}
        for split, places in chosen.items():
            for part, found in zip(("images", "labels", "boxes"), self._parts(split), strict=True):
                changed[f"{split}_{part}"] = None if found is None else found[places]
        return replace(self, **changed)


def middle(images: Tensor, size: Sequence[int]) -> Tensor:
    """The middle of each image: a window of this size, half a pixel further up and left where it cannot be central."""
    top, left = ((have - want) // 2 for have, want in zip(images.shape[2:], size, strict=True))
    return images[:, :, top : top + size[0], left : left + size[1]]
