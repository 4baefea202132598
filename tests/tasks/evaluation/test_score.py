"""What is counted of answers, against counts by hand and torch's own loss."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from netdsl.tasks.evaluation.score import answers

NAMES = ("a", "b", "c")


def test_counts_by_hand():
    guessed = torch.tensor([0, 1, 1, 2, 0, 1])
    labels = torch.tensor([0, 0, 0, 0, 1, 1])
    found = answers(torch.eye(3)[guessed].log_softmax(1), labels, NAMES)
    assert found.confusion == ((1, 2, 1), (1, 1, 0), (0, 0, 0))
    assert (found.images, found.wrong, found.error) == (6, 4, 4 / 6)
    first, second, third = found.classes
    assert (first.images, first.wrong, first.error, first.taken_for, first.taken) == (4, 3, 0.75, "b", 2)
    assert (second.taken_for, second.taken) == ("a", 1)
    assert (third.images, third.error, third.taken_for) == (0, None, None)
    assert found.top5_error is None


def test_the_loss_is_cross_entropy():
    scores, labels = torch.randn(50, 3, generator=torch.Generator().manual_seed(0)), torch.arange(50) % 3
    found = answers(scores.log_softmax(1), labels, NAMES)
    assert found.loss == pytest.approx(cross_entropy(scores, labels).item(), abs=1e-6)


def test_top_5_with_more_than_ten_classes():
    scores = torch.arange(12.0).repeat(4, 1).log_softmax(1)  # class 11 is the most probable, 7 the fifth
    found = answers(scores, torch.tensor([11, 7, 6, 0]), [str(n) for n in range(12)])
    assert (found.wrong, found.top5_wrong, found.top5_error) == (3, 2, 0.5)
