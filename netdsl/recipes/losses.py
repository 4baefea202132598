"""The losses by their words in a recipe and in a head, and what each can compare an output with."""

from collections.abc import Mapping
from typing import Any

from netdsl.recipes.arguments import argument, not_negative, positive, wrong
from netdsl.record import Record, record

LABEL, INPUT, BOX, STYLE = "label", "input", "box", "style"
TARGETS = (LABEL, INPUT, BOX)
"""What an output is compared with: the class of an image, the normalized image itself, the box of its object.

The main output of a net alone can have the target `style`: the image's content and the style that goes with it.
"""


def _power(name: str, value: Any) -> int:
    if isinstance(value, bool) or value not in (1, 2):
        wrong(name, "1 or 2", value)
    return int(value)


@record
class CrossEntropy(Record):
    """Minus the logarithm of the right class's part in the softmax of the scores."""


@record
class Nll(Record):
    """Minus the logarithm of the right class's probability, of a net that gives probabilities."""


@record
class Hinge(Record):
    """What each wrong class's score lacks to being `margin` below the right one's, to the power of `p`.

    Source: Weston & Watkins, ESANN 1999; torch.nn.MultiMarginLoss, which divides the sum by the number of classes
    """

    margin: float = positive(1.0)
    p: int = argument(1, _power)


@record
class RankingHinge(Record):
    """What a class's score for an image of another class lacks to being `margin` below that for an image of its own.

    Source: Chatfield et al., BMVC 2014, fine-tuning with a ranking hinge loss
    """

    margin: float = positive(1.0)


@record
class Mse(Record):
    """The mean square of the differences."""


@record
class L1(Record):
    """The mean of the differences' sizes."""


@record
class Perceptual(Record):
    """What a loss network sees of the content, the style and the roughness of a picture, each with its weight.

    Source: Johnson et al., arXiv:1603.08155, section 3.2
    """

    content: float = argument(1.0, not_negative)
    style: float = argument(5.0, not_negative)
    tv: float = argument(0.0, not_negative)


Loss = CrossEntropy | Nll | Hinge | RankingHinge | Mse | L1 | Perceptual
LOSSES: Mapping[str, type[Loss]] = {
    "cross_entropy": CrossEntropy,
    "nll": Nll,
    "hinge": Hinge,
    "ranking_hinge": RankingHinge,
    "mse": Mse,
    "l1": L1,
    "perceptual": Perceptual,
}
OF_STYLES = "perceptual"
"""It takes pictures; a net has it for its main output or not at all."""
OF_NUMBERS = ("mse", "l1")
"""They compare an output with any numbers; the others take scores of classes and a label."""


def loss_word(loss: Loss) -> str:
    """Its word in a recipe."""
    return next(word for word, made in LOSSES.items() if made is type(loss))


def targets_of(word: str) -> tuple[str, ...]:
    """What the loss of this word can compare an output with."""
    if word == OF_STYLES:
        return (STYLE,)
    return TARGETS if word in OF_NUMBERS else (LABEL,)
