"""What is measured of a net: a line for each epoch, a score over some images."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of metrics.csv. Errors are fractions of the images."""

    epoch: int
    train_loss: float
    """Mean over the epoch, each image when its batch came: dropout on, weights still moving."""
    train_error: float | None
    """None: no output gives classes, as of an autoencoder, so that nothing is wrong."""
    test_loss: float
    test_error: float | None
    lr: float
    """In the epoch's last batch."""
    seconds: float
    """Training and testing, by the clock."""
    valid_loss: float | None = None
    valid_error: float | None = None
    """Of the images held out from training, where there are some."""


def best_of(epochs: Sequence[Epoch]) -> Epoch:
    """The first with the lowest error on the held-out images, or on the test images where none are held out.

    Where there are no errors, the loss decides alone.
    """
    return min(epochs, key=_rank)


def _rank(epoch: Epoch) -> tuple[float, float]:
    if epoch.valid_loss is not None:
        return epoch.valid_error or 0, epoch.valid_loss
    return epoch.test_error or 0, epoch.test_loss


@dataclass(frozen=True, slots=True)
class Score:
    """How a net does on some images, dropout off."""

    images: int
    wrong: int | None
    """None: no output gives classes."""
    loss: float
    mean_iou: float | None = None
    """Intersection over union of the boxes found and the true ones; None: no output gives boxes."""

    @property
    def error(self) -> float | None:
        return None if self.wrong is None else self.wrong / self.images
