"""`netdsl excite`: images that a class or a channel answers to most, made from grey by gradient ascent."""

from dataclasses import dataclass, replace
from functools import partial
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import torch

from netdsl.data import Normalization
from netdsl.diagnostics import fail
from netdsl.ir.parts import tensor_at
from netdsl.ir.seen import Interval
from netdsl.seeing.finite import check_finite
from netdsl.seeing.gradients import arrays
from netdsl.seeing.gradients.ascent import DEFAULTS, Ascent, ascend, grey
from netdsl.seeing.gradients.asked import Place, form_of
from netdsl.seeing.gradients.patches import field_within
from netdsl.seeing.gradients.scores import probabilities
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

COLUMNS = 5
BATCH = 10  # images that are made at once
STEADY = 8
"""Shifts are at most one part of so many of what is looked at."""


@dataclass(frozen=True, slots=True)
class Excited:
    """One image. `start` is the score of the grey image that it was made from."""

    channel: int
    class_name: str | None
    start: float
    score: float
    probability: float | None

    def as_json(self) -> dict[str, Any]:
        shown = None
        if self.class_name is not None:
            shown = {"index": self.channel, "name": self.class_name, "probability": self.probability}
        return {"channel": self.channel, "class": shown, "start": self.start, "score": self.score}


def excite(
    subject: Subject, place: Place, output: Path, ascent: Ascent = DEFAULTS, watch: Watch | None = None
) -> list[Excited]:
    """Draw an image for each channel of the place into one picture.

    A unit's image is cut out as the unit sees it, where that is less than the whole image.
    Errors: NET626 for a preprocessing that has no way back to colours, NET540 for scores that are no numbers, NET551
    """
    watch = watch or Silent()
    if type(subject.normalization) is not Normalization:
        fail(
            "NET626",
            f"what `{subject.name}` gets cannot be made a picture again",
            expected="normalize = none, channel or imagenet",
            found="a normalization by each image's own contrast (gcn, zca)",
        )
    assert place.channels
    channels = place.channels
    low, high = arrays.limits(subject.normalization, torch.zeros((), device=subject.engine.device))
    sides = [last - first + 1 for first, last in window(subject, place)]
    ascent = replace(ascent, jitter=min(ascent.jitter, min(sides) // STEADY))  # more would smear a small field
    watch.say(f"{ascent.steps} steps of gradient ascent for {len(channels)} images")
    found: list[Excited] = []
    pixels = []
    for first in range(0, len(channels), BATCH):
        some = channels[first : first + BATCH]
        score = place.score_of(some)
        begin = grey(len(some), subject.image.shape, low, high, ascent.seed)
        _, before = ascend(subject.module, place.node, score, begin, low, high, Ascent(steps=0))
        check_finite(before, subject)
        progress = partial(watch.progress, f"images {first + 1} to {first + len(some)}, steps")
        images, after = ascend(subject.module, place.node, score, begin, low, high, ascent, progress)
        check_finite(after, subject)
        likely = probabilities(subject.module, place.node, images) if place.is_class else None
        if likely is not None:
            check_finite(likely, subject)
        for i, channel in enumerate(some):
            name = subject.classes[channel] if place.is_class else None
            sure = None if likely is None else likely[i, channel].item()
            found.append(Excited(channel, name, before[i].item(), after[i].item(), sure))
        pixels.append(arrays.denormalized(images, subject.normalization))
    _draw(subject, place, torch.cat(pixels), found, output)
    return found


def window(subject: Subject, place: Place) -> tuple[Interval, Interval]:
    """Rows and columns of the image that the place's middle unit sees; all of it for classes."""
    height, width = subject.image.size
    index = tensor_at(subject.network, place.node)
    size = subject.network.nodes[index].output.size
    if place.is_class or len(size) != 2:
        return (0, height - 1), (0, width - 1)
    return field_within(subject.network, index, (size[0] // 2, size[1] // 2))


def _draw(subject: Subject, place: Place, pixels: torch.Tensor, found: list[Excited], output: Path) -> None:
    from netdsl.seeing.gradients.draw import Panel, save_panels  # here: matplotlib takes a while to load

    (top, bottom), (left, right) = window(subject, place)
    panels = []
    for image, one in zip(pixels, found, strict=True):
        what = f"channel {one.channel}" if one.class_name is None else one.class_name
        number = f"{one.start:.3g} to {one.score:.3g}" if one.probability is None else f"{one.probability:.1%}"
        panels.append(Panel(arrays.as_rgb(image[:, top : bottom + 1, left : right + 1]), f"{what}, {number}"))
    columns = min(COLUMNS, ceil(sqrt(len(panels))))
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    where = "classes" if place.is_class else f"the middle unit at @{place.name}"
    with whole(output, make_folder=True) as beside:
        save_panels(rows, f"{subject.name}: what excites {where}", beside, form_of(output))
