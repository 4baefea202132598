"""Scores that are not numbers: weights that have diverged, or were written wrong."""

from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.seeing.subject import Subject


def check_finite(scores: Tensor, subject: Subject) -> None:
    """Reports NET540 for scores of which no answer and no picture can be made."""
    if not scores.isfinite().all():
        again = ": train again with a lower learning rate" if subject.run else ", or the file does not hold them whole"
        fail(
            "NET540",
            f"the scores that the net of `{subject.run or subject.name}` gives are not numbers",
            expected="finite scores",
            found=f"{scores[~scores.isfinite()][0].item()}",
            note=f"the weights have diverged{again}",
        )
