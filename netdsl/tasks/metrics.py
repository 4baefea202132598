"""What is measured of a net: a line for each epoch, a score over some images."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of metrics.csv. Errors are fractions of the images."""

    epoch: int
    train_loss: float
    """Mean over the epoch, each image when its batch came: dropout on, weights still moving."""
    train_error: float
    test_loss: float
    test_error: float
    lr: float
    """In the epoch's last batch."""
    seconds: float
    """Training and testing, by the clock."""
    valid_loss: float | None = None
    valid_error: float | None = None
    """Of the images held out from training, where there are some."""


def best_of(epochs: Sequence[Epoch]) -> Epoch:
    """The first with the lowest error on the held-out images, or on the test images where none are held out."""
    return min(epochs, key=_rank)


def _rank(epoch: Epoch) -> tuple[float, float]:
    if epoch.valid_error is not None and epoch.valid_loss is not None:
        return epoch.valid_error, epoch.valid_loss
    return epoch.test_error, epoch.test_loss


@dataclass(frozen=True, slots=True)
class Score:
    """How a net does on some images, dropout off."""

    images: int
    wrong: int
    loss: float

    @property
    def error(self) -> float:
        return self.wrong / self.images
