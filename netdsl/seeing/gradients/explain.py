"""`netdsl saliency`: which pixels of a photograph a class or a feature depends on, as pictures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netdsl.data import Normalization
from netdsl.diagnostics import fail
from netdsl.ir.parts import tensor_at
from netdsl.ir.seen import Interval
from netdsl.lowering import feature_maps
from netdsl.seeing.finite import check_finite
from netdsl.seeing.gradients import arrays
from netdsl.seeing.gradients.asked import Place, form_of
from netdsl.seeing.gradients.patches import field_within
from netdsl.seeing.gradients.rules import rectifiers
from netdsl.seeing.gradients.saliency import DEFAULTS, Attributions, Method, Settings, attributions, over_colours
from netdsl.seeing.gradients.scores import probabilities, strongest, units
from netdsl.seeing.photos import Photo, Refused, read_photos
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

BATCH = 16
Progress = Callable[[int, int], None]
Field = tuple[Interval, Interval]
"""First and last row, first and last column, of the pixels that a unit sees."""

WORDS = {
    "gradient": "gradient",
    "guided": "guided backpropagation",
    "deconvnet": "deconvnet",
    "smoothgrad": "SmoothGrad",
    "integrated": "integrated gradients",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found for one file. `channel` is a class's number where the place is the classes' scores.

    peak: x and y of the strongest pixel, in pixels of the given picture; total: the sum of all attributions
    """

    file: str
    output: str | None = None
    method: str | None = None
    at: str | None = None
    channel: int | None = None
    class_name: str | None = None
    probability: float | None = None
    score: float | None = None
    baseline_score: float | None = None
    total: float | None = None
    peak: tuple[float, float] | None = None
    remark: str = ""
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        shown = None
        if self.class_name is not None:
            shown = {"index": self.channel, "name": self.class_name, "probability": self.probability}
        return {
            "file": self.file,
            "output": self.output,
            "method": self.method,
            "at": self.at,
            "channel": self.channel,
            "class": shown,
            "score": self.score,
            "baseline_score": self.baseline_score,
            "sum": self.total,
            "peak": self.peak,
            "error": self.error,
        }


def explain(
    subject: Subject,
    files: Sequence[Path],
    outputs: Sequence[Path],
    place: Place,
    method: Method = "gradient",
    baseline: str = "mean",
    settings: Settings = DEFAULTS,
    watch: Watch | None = None,
) -> list[Explanation]:
    """Draw a picture for each file, into the file of `outputs` in the same place; some at a time are read.

    Errors: NET551 for a picture that cannot be written; NET626 for a baseline that the preprocessing does not have;
    NET540 for scores that are no numbers
    """
    watch = watch or Silent()
    if method in ("guided", "deconvnet"):
        _remark_on_rules(subject, place, method, watch)
    start = _baseline(subject, baseline) if method == "integrated" else None
    found: list[Explanation] = []
    for first in range(0, len(files), BATCH):
        read = read_photos(files[first : first + BATCH], subject)
        photos = [photo for photo in read if isinstance(photo, Photo)]
        progress = partial(watch.progress, f"images {first + 1} to {first + len(read)}, passes")
        drawn = _explained(subject, photos, place, method, start, settings, progress) if photos else iter(())
        for photo, output in zip(read, outputs[first : first + BATCH], strict=True):
            if isinstance(photo, Refused):
                found.append(Explanation(str(photo.path), error=photo.reason))
            else:
                found.append(_drawn(photo, output, *next(drawn)))
        watch.progress("images", first + len(read), len(files))
    return found


def _explained(
    subject: Subject,
    photos: Sequence[Photo],
    place: Place,
    method: Method,
    start: Tensor | None,
    settings: Settings,
    progress: Progress,
) -> Iterator[tuple[Explanation, Tensor, Field | None]]:
    """What is told of each photo, its attributions, and the field of the unit where that is a part of the image."""
    x = subject.batch(torch.stack([photo.pixels for photo in photos])).float()
    channels, likely = _channels(subject, place, x)
    numbers, score_of = channels, place.score_of
    fields: list[Field | None] = [None] * len(x)
    if score_of is strongest:  # the unit of the image as it is, also in noisy and paler copies
        numbers, fields = _strongest_units(subject, place, x, channels)
        score_of = units
    found = attributions(subject.module, place.node, x, numbers, score_of, method, start, settings, progress)
    for given in (found.scores, found.baseline_scores, found.values):
        if given is not None:
            check_finite(given, subject)
    for number, photo in enumerate(photos):
        probability = None if likely is None else likely[number, channels[number]].item()
        one = _one(subject, photo, found, number, place, method, channels[number], probability)
        yield one, found.values[number], fields[number]


def _strongest_units(
    subject: Subject, place: Place, x: Tensor, channels: Sequence[int]
) -> tuple[list[int], list[Field | None]]:
    """Where each image's channel is strongest: the number of that unit for `units`, and its field."""
    index = tensor_at(subject.network, place.node)
    with torch.no_grad():
        maps = feature_maps(subject.module, [place.node])(x)[place.node]
    size, places = maps.shape[2:], maps[0, 0].numel()
    numbers: list[int] = []
    fields: list[Field | None] = []
    for image, channel in zip(maps, channels, strict=True):
        unit = int(image[channel].flatten().max(0).indices)
        numbers.append(channel * places + unit)
        field = field_within(subject.network, index, divmod(unit, size[1])) if len(size) == 2 else None
        height, width = subject.image.size
        fields.append(None if field == ((0, height - 1), (0, width - 1)) else field)
    return numbers, fields


def _remark_on_rules(subject: Subject, place: Place, method: Method, watch: Watch) -> None:
    if not rectifiers(feature_maps(subject.module, [place.node])):
        watch.say(f"`{subject.name}` has no ReLU on the way there: {WORDS[method]} is the plain gradient")


def _baseline(subject: Subject, name: str) -> Tensor | None:
    if name == "mean":
        return None
    normalization = subject.normalization
    if type(normalization) is not Normalization:
        fail(
            "NET626",
            f"`{subject.name}` gets no colours of its own for {name}",
            expected="--baseline mean, an image of zeros",
            found="a normalization by each image's own contrast (gcn, zca)",
        )
    low, high = arrays.limits(normalization, torch.zeros(()))
    return low if name == "black" else high


def _channels(subject: Subject, place: Place, x: Tensor) -> tuple[list[int], Tensor | None]:
    """What is looked at in each image, and the probabilities of the classes."""
    if not place.is_class:
        return [place.channels[0] if place.channels else 0] * len(x), None
    likely = probabilities(subject.module, place.node, x)
    check_finite(likely, subject)
    if place.channels:
        return [place.channels[0]] * len(x), likely
    return likely.argmax(1).tolist(), likely


def _one(
    subject: Subject,
    photo: Photo,
    values: Attributions,
    number: int,
    place: Place,
    method: Method,
    channel: int,
    probability: float | None,
) -> Explanation:
    strength = over_colours(values.values[number : number + 1])[0]
    row, column = divmod(int(strength.argmax()), strength.shape[1])
    before = values.baseline_scores
    return Explanation(
        str(photo.path),
        None,
        method,
        place.name,
        channel,
        subject.classes[channel] if place.is_class else None,
        probability,
        values.scores[number].item(),
        None if before is None else before[number].item(),
        values.values[number].sum().item(),
        photo.frame.point(column + 0.5, row + 0.5),
        photo.remark,
    )


def _drawn(photo: Photo, output: Path, one: Explanation, values: Tensor, field: Field | None) -> Explanation:
    """Where a unit sees a part of the image only, that part is cut out, with a scale of its own."""
    from netdsl.seeing.gradients.draw import Panel, save_panels  # here: matplotlib takes a while to load

    what = f"{one.class_name}, {one.probability:.1%}" if one.class_name else f"@{one.at}, channel {one.channel}"
    panels = [Panel(arrays.as_rgb(photo.pixels), "what the net sees", field)]
    if field is not None:
        values = _piece(values, field)
        piece = arrays.as_rgb(_piece(photo.pixels, field))
        panels.append(Panel(piece, f"what the unit sees, {values.shape[1]}x{values.shape[2]}"))
    panels += [
        Panel(arrays.magnitudes(over_colours(values[None])[0]), "largest over the colours"),
        Panel(arrays.around_grey(values, arrays.SIGNED_BRIGHT), "signed, 0 is grey"),
    ]
    with whole(output, make_folder=True) as beside:
        save_panels([panels], f"{WORDS[one.method or '']}: {what}", beside, form_of(output))
    return replace(one, output=str(output))


def _piece(pixels: Tensor, field: Field) -> Tensor:
    (top, bottom), (left, right) = field
    return pixels[:, top : bottom + 1, left : right + 1]
