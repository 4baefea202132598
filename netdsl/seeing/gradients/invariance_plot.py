"""`netdsl invariance`: how features and the class's probability hold while photographs are shifted, scaled, turned."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from netdsl.data import Normalization
from netdsl.ir.parts import tensor_at
from netdsl.lowering import feature_maps
from netdsl.seeing.finite import check_finite
from netdsl.seeing.gradients import arrays
from netdsl.seeing.gradients.asked import classes_of, form_of
from netdsl.seeing.gradients.invariance import Change, Curves, changed, changes, curves, two_places
from netdsl.seeing.gradients.scores import probabilities
from netdsl.seeing.outputs import class_output
from netdsl.seeing.photos import Photo, Refused
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

EXAMPLES = 3


Examples = tuple[tuple[float, ...], list[arrays.Bytes]]
"""Amounts of a change, and the image under each."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One image under the three changes; `class_name` is the class whose probability is followed."""

    file: str
    class_index: int | None = None
    class_name: str | None = None
    curves: tuple[Curves, ...] = ()
    remark: str = ""
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "class": None if self.class_name is None else {"index": self.class_index, "name": self.class_name},
            "changes": [
                {
                    "name": found.change.name,
                    "unit": found.change.unit,
                    "amounts": found.change.amounts,
                    "distances": found.distances,
                    "probabilities": found.probabilities,
                }
                for found in self.curves
            ],
            "error": self.error,
        }


def draw_invariance(
    subject: Subject,
    photos: Sequence[Photo | Refused],
    output: Path,
    at: Sequence[str] = (),
    class_name: str | None = None,
    watch: Watch | None = None,
) -> list[Followed]:
    """Plot all photos that were read into one picture, each followed for its likeliest class unless one is named.

    Without `at`, a low and a high place of the net.
    Errors: NET209 for a place that is not there, NET605 for a class that is not, NET540 for scores that are no numbers,
    NET551
    """
    watch = watch or Silent()
    places = [name.removeprefix("@") for name in at] or two_places(subject.network)
    for name in places:
        tensor_at(subject.network, name)
    asked = None if class_name is None else classes_of(subject, [class_name]).channels
    scores = subject.network.nodes[class_output(subject.network).node].name
    tapped = feature_maps(subject.module, [*places, scores])
    followed: list[Followed] = []
    first: torch.Tensor | None = None
    for number, photo in enumerate(photos, start=1):
        if isinstance(photo, Refused):
            followed.append(Followed(str(photo.path), error=photo.reason))
            continue
        image = subject.batch(photo.pixels[None]).float()[0]
        first = image if first is None else first
        likely = probabilities(subject.module, scores, image[None])
        check_finite(likely, subject)
        target = int(likely.argmax()) if asked is None else asked[0]
        found = tuple(curves(tapped, places, scores, image, target))
        followed.append(Followed(str(photo.path), target, subject.classes[target], found, photo.remark))
        watch.progress("images shifted, scaled and turned", number, len(photos))
    if first is not None:
        _draw(subject, first, [one for one in followed if one.error is None], places, output)
    return followed


def _draw(
    subject: Subject, image: torch.Tensor, followed: Sequence[Followed], places: Sequence[str], output: Path
) -> None:
    from netdsl.seeing.gradients.draw import save_invariance  # here: matplotlib takes a while to load

    examples = [_examples(subject, image, change) for change in changes(subject.image.size)]
    lines = [(f"{Path(one.file).stem}: {one.class_name}", one.curves) for one in followed]
    with whole(output, make_folder=True) as beside:
        title = f"{subject.name}: shifts, scales and turns"
        save_invariance(Path(followed[0].file).name, examples, lines, places, title, beside, form_of(output))


def _examples(subject: Subject, image: torch.Tensor, change: Change) -> Examples:
    """The image under the least, a middle and the largest amount; of a full turn, which is none, two thirds."""
    last = len(change.amounts) - 1
    numbers = [0, last // 3, 2 * last // 3] if change.name == "turn" else [0, last // 2, last]
    some = Change(change.name, change.unit, tuple(change.amounts[n] for n in numbers))
    many = changed(image, some)
    if type(subject.normalization) is Normalization:
        pixels = [arrays.as_rgb(each) for each in arrays.denormalized(many, subject.normalization)]
    else:
        pixels = [arrays.around_grey(values) for values in many]
    return some.amounts, pixels
