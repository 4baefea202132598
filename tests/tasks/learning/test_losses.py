"""The losses against sums written out, pair by pair."""

import math

import pytest
import torch
from torch.nn import functional

from netdsl.recipes.losses import L1, LABEL, LOSSES, CrossEntropy, Hinge, Mse, Nll, RankingHinge, targets_of
from netdsl.tasks.learning.losses import classification_loss, difference, ranking_hinge

SCORES = torch.tensor([[2.0, 0.5, -1.0], [0.2, 0.1, 0.9], [1.0, 1.5, 0.0], [0.0, -2.0, 3.0]])
LABELS = torch.tensor([0, 1, 1, 2])
OF_LABELS = [made() for word, made in LOSSES.items() if LABEL in targets_of(word)]
PAIRS = list(zip(SCORES.tolist(), LABELS.tolist(), strict=True))


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


def cross_entropy(scores, label):
    return math.log(sum(math.exp(s) for s in scores)) - scores[label]


def hinge(scores, label, margin, p):
    lacking = (max(0.0, margin - scores[label] + s) for k, s in enumerate(scores) if k != label)
    return sum(x**p for x in lacking) / len(scores)


def against_one_hot(size):
    return lambda scores, label: mean(size(s - (k == label)) for k, s in enumerate(scores))


@pytest.mark.parametrize(
    ("loss", "of_one"),
    [
        (CrossEntropy(), cross_entropy),
        (Nll(), cross_entropy),
        (Hinge(), lambda s, y: hinge(s, y, 1, 1)),
        (Hinge(0.5, 2), lambda s, y: hinge(s, y, 0.5, 2)),
        (Mse(), against_one_hot(lambda d: d * d)),
        (L1(), against_one_hot(abs)),
    ],
)
def test_the_mean_over_images(loss, of_one):
    expected = mean(of_one(scores, label) for scores, label in PAIRS)
    assert classification_loss(loss, SCORES, LABELS).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("margin", [1.0, 0.3])
def test_ranking_over_all_pairs_of_images(margin):
    """By each class's score, an image of the class is to stand above every image that is not of it."""
    expected = mean(
        max(0.0, margin - scores[label] + others[label])
        for scores, label in PAIRS
        for others, other in PAIRS
        if other != label
    )
    assert classification_loss(RankingHinge(margin), SCORES, LABELS).item() == pytest.approx(expected, rel=1e-6)


def test_ranking_looks_at_no_constant_of_a_class_and_at_no_wrong_class():
    shifted = SCORES + torch.tensor([5.0, -3.0, 1.0])
    assert ranking_hinge(shifted, LABELS, 1.0).item() == pytest.approx(ranking_hinge(SCORES, LABELS, 1.0).item())


def test_ranking_of_one_class_has_no_pairs():
    scores = SCORES.clone().requires_grad_()
    loss = ranking_hinge(scores, torch.ones(4, dtype=torch.int64), 1.0)
    loss.backward()
    assert loss.item() == 0 and scores.grad.abs().max() == 0


@pytest.mark.parametrize("loss", OF_LABELS)
def test_a_step_down_the_gradient_lowers_each_loss(loss):
    torch.manual_seed(0)
    scores, labels = torch.randn(32, 5, dtype=torch.float64, requires_grad=True), torch.randint(5, (32,))
    before = classification_loss(loss, scores, labels)
    before.backward()
    assert classification_loss(loss, scores - 1e-3 * scores.grad, labels) < before


@pytest.mark.parametrize("loss", OF_LABELS)
def test_no_loss_where_all_is_right(loss):
    scores = 100.0 * functional.one_hot(LABELS, 3) if not isinstance(loss, Mse | L1) else functional.one_hot(LABELS, 3)
    assert classification_loss(loss, scores.float(), LABELS).item() == pytest.approx(0, abs=1e-6)


def test_differences_of_images():
    one, other = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert torch.equal(difference(Mse(), one, other), functional.mse_loss(one, other))
    assert torch.equal(difference(L1(), one, other), functional.l1_loss(one, other))
