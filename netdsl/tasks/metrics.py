"""What is measured of a net: a line for each epoch, a score over some images."""

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


@dataclass(frozen=True, slots=True)
class Score:
    """How a net does on some images, dropout off."""

    images: int
    wrong: int
    loss: float

    @property
    def error(self) -> float:
        return self.wrong / self.images
