"""How good answers are: error, loss, top 5, and which classes are taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import nll_loss

TOP = 5
MANY = 10
"""Classes above which the top 5 are looked at."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class of the test images. `taken_for` is the class that is answered most often in its place."""

    name: str
    images: int
    wrong: int
    error: float | None
    """None where there is no image of the class."""
    taken_for: str | None
    taken: int
    """How often."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All that is counted of a net's answers to images."""

    images: int
    wrong: int
    loss: float
    """Mean cross-entropy."""
    top5_wrong: int | None
    """Images whose class is not among the five most probable; None for ten classes or fewer."""
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Images of the row's class that were taken for the column's."""

    @property
    def error(self) -> float:
        return self.wrong / self.images

    @property
    def top5_error(self) -> float | None:
        return None if self.top5_wrong is None else self.top5_wrong / self.images


def answers(logs: Tensor, labels: Tensor, names: Sequence[str]) -> Answers:
    """logs: logarithms of probabilities, images x classes; labels: int64, the true class of each."""
    classes = logs.shape[1]
    guessed = logs.argmax(1)
    confusion = torch.bincount(labels * classes + guessed, minlength=classes * classes).view(classes, classes).cpu()
    right = int(confusion.diagonal().sum().item())
    top5 = None
    if classes > MANY:
        top5 = len(labels) - int((logs.topk(TOP, 1).indices == labels[:, None]).sum().item())
    loss = nll_loss(logs.double(), labels).item()
    each = tuple(_class(number, confusion[number], names) for number in range(classes))
    return Answers(len(labels), len(labels) - right, loss, top5, each, tuple(map(tuple, confusion.tolist())))


def _class(number: int, row: Tensor, names: Sequence[str]) -> ClassScore:
    images, right = int(row.sum().item()), int(row[number].item())
    others = row.clone()
    others[number] = 0
    most = int(others.argmax().item())
    taken = int(others[most].item())
    wrong = images - right
    error = wrong / images if images else None
    return ClassScore(names[number], images, wrong, error, names[most] if taken else None, taken)
