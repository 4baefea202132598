"""A data set in memory: images, labels, names of the classes."""

from dataclasses import dataclass, replace

from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap


@dataclass(frozen=True, slots=True)
class Dataset:
    """Training and test split, each as one tensor.

    train_images, test_images: uint8, images x channels x height x width
    train_labels, test_labels: int64, one number of a class an image, from 0
    train_boxes, test_boxes: int64, images x 4: the object's left, top, right, bottom in pixels (the end not included)
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
    """Held out from training to choose by; None where nothing is."""

    @property
    def image(self) -> FeatureMap:
        channels, *size = self.train_images.shape[1:]
        return FeatureMap(channels, tuple(size))

    @property
    def classes(self) -> int:
        return len(self.class_names)

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
        return replace(
            self,
            train_images=self.train_images[:images],
            train_labels=self.train_labels[:images],
            train_boxes=None if self.train_boxes is None else self.train_boxes[:images],
        )
