"""`netdsl localize`: a run in, how well its maps find the objects out."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from netdsl.seeing.boxes import Kind, Share
from netdsl.seeing.finite import check_finite
from netdsl.seeing.localization import Localization, Tally
from netdsl.seeing.looker import Looker, Method, upsampled
from netdsl.seeing.tried import BATCH, Tried
from netdsl.tasks.learning.boxes import overlap
from netdsl.tasks.setup.watch import Silent, Watch

HALF = 0.5
"""The threshold where none is asked for."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How boxes are made: what is above a share of the map's maximum, or of its range, as a box of one kind."""

    threshold: float = HALF
    of: Share = "maximum"
    box: Kind = "component"


@dataclass(frozen=True, slots=True)
class Found:
    """An image with its map and boxes: image uint8, channels x height x width; map height x width."""

    image: Tensor
    map: Tensor
    true: Tensor
    box: Tensor
    overlap: float
    name: str
    """The true class."""
    answer: str
    """The net's."""


@dataclass(frozen=True, slots=True)
class Localized:
    """What came out, of what; and the first images of the split, for a sheet."""

    net: str
    data: str
    split: str
    place: str
    """Where in the net the maps were taken."""
    cutting: Cutting
    result: Localization
    found: Sequence[Found]


def localize(
    tried: Tried,
    method: Method | None = None,
    cutting: Cutting | None = None,
    keep: int = 0,
    watch: Watch | None = None,
) -> Localized:
    """Look for the object in each image by the map of its class, and compare with its true box.

    `keep`: so many of the images are kept with their maps. Maps are brought to the images' size by bilinear
    interpolation before they are cut.
    Errors: those of `Tried.open` and `Looker`; NET540 for scores that are no numbers
    """
    method, cutting, watch = method or Method(), cutting or Cutting(), watch or Silent()
    subject, choice = tried.open(boxes=True)
    looker = Looker(subject, method)
    data = tried.load(choice, watch)
    images, labels = data.split(tried.split)
    boxes = data.boxes(tried.split)
    assert boxes is not None
    tally, found = Tally(cutting.threshold, cutting.of, cutting.box), list[Found]()
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        look = looker(images[part])
        check_finite(look.scores, subject)
        answers = look.scores.argmax(1).cpu()
        maps = upsampled(look.maps(labels[part][:, None]), tuple(images.shape[2:]))[:, 0].cpu()
        made = tally.add(maps, boxes[part], answers == labels[part])
        for number in range(max(0, min(keep - start, len(made)))):
            place = start + number
            found.append(
                Found(
                    images[place],
                    maps[number],
                    boxes[place],
                    made[number],
                    float(overlap(made[number][None], boxes[place][None])),
                    data.class_names[int(labels[place])],
                    data.class_names[int(answers[number])],
                )
            )
        watch.progress(f"looking at {data.name}", min(start + BATCH, len(images)), len(images))
    result = tally.result(method.name)
    return Localized(subject.name, choice.data, tried.split, looker.at, cutting, result, found)
