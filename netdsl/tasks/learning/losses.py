"""The losses of recipes on tensors: a batch's outputs in, one number out. docs/training.md has the formulas."""

from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss, mse_loss, multi_margin_loss, one_hot

from netdsl.recipes.losses import CrossEntropy, Hinge, Loss, Mse, Nll, RankingHinge

OF_LOGARITHMS = (CrossEntropy, Nll)
"""They take a softmax of their own, more exactly than the logarithm of one."""


def classification_loss(loss: Loss, scores: Tensor, labels: Tensor, smoothing: float = 0) -> Tensor:
    """A loss of scores (images x classes) and labels (images, int64); `mse` and `l1` want 1 for the label, 0 elsewhere.

    `smoothing` is for cross-entropy alone.
    """
    match loss:
        case CrossEntropy() | Nll():
            return cross_entropy(scores, labels, label_smoothing=smoothing)
        case Hinge():
            return multi_margin_loss(scores, labels, p=loss.p, margin=loss.margin)
        case RankingHinge():
            return ranking_hinge(scores, labels, loss.margin)
        case _:
            return difference(loss, scores, one_hot(labels, scores.shape[1]).to(scores.dtype))


def difference(loss: Loss, output: Tensor, target: Tensor) -> Tensor:
    """Mean square, or mean size, of the differences of two tensors of one shape."""
    return mse_loss(output, target) if isinstance(loss, Mse) else l1_loss(output, target)


def ranking_hinge(scores: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Mean over all pairs of images of two classes, each pair by the score of the first one's class.

    A batch of one class has no pairs, and a loss of 0.
    """
    own = scores.gather(1, labels[:, None])  # image i: the score of its class
    of_others = scores[:, labels].T  # [i, j]: the score of i's class for image j
    apart = labels[:, None] != labels[None, :]
    short = (margin - own + of_others).clamp(min=0) * apart
    return short.sum() / apart.sum().clamp(min=1)
