"""`netdsl mistakes`: a run in, the images that it takes for something else and what it looks at in them out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netdsl.seeing.finite import check_finite
from netdsl.seeing.looker import Looker, Method, upsampled
from netdsl.seeing.tried import BATCH, Tried
from netdsl.tasks.setup.watch import Silent, Watch


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image by its place in the split, with what it is, what it is taken for, and all probabilities."""

    number: int
    true: str
    predicted: str
    loss: float
    """Cross-entropy: how sure the net is that it is not what it is."""
    probabilities: Mapping[str, float]
    """Of all classes, the most probable first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mistake with its image (uint8, channels x height x width) and the maps of both classes, height x width."""

    mistake: Mistake
    image: Tensor
    predicted: Tensor
    true: Tensor


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Some of the `wrong` mistakes that a net makes on the images of a split; no picture where there are none."""

    run: Path
    net: str
    data: str
    split: str
    images: int
    wrong: int
    method: str
    place: str
    seen: Sequence[Seen]
    drawn: bool
    """At random from all, not the worst."""

    def as_json(self, picture: Path | None) -> Mapping[str, Any]:
        return {
            "run": str(self.run),
            "net": self.net,
            "data": self.data,
            "split": self.split,
            "images": self.images,
            "wrong": self.wrong,
            "method": self.method,
            "at": self.place,
            "picture": None if picture is None else str(picture),
            "mistakes": [asdict(each.mistake) for each in self.seen],
        }


def find_mistakes(
    tried: Tried, method: Method | None = None, count: int = 12, seed: int | None = None, watch: Watch | None = None
) -> Mistaken:
    """Try the net on all images; look at the `count` worst mistakes, or at as many drawn with the seed.

    Errors: those of `Tried.open` and `Looker`
    """
    method, watch = method or Method(), watch or Silent()
    subject, choice = tried.open()
    looker = Looker(subject, method)
    data = tried.load(choice, watch)
    images, labels = data.split(tried.split)
    logs = []
    for start in range(0, len(images), BATCH):
        scores = looker(images[start : start + BATCH]).scores
        check_finite(scores, subject)
        logs.append(scores.log_softmax(1).cpu())
        watch.progress(f"trying {data.name}", min(start + BATCH, len(images)), len(images))
    found, wrong = chosen(torch.cat(logs), labels, data.class_names, count, seed)
    seen = []
    for start in range(0, len(found), BATCH):
        part = found[start : start + BATCH]
        both = [[data.class_names.index(name) for name in (each.predicted, each.true)] for each in part]
        given = images[[each.number for each in part]]
        maps = upsampled(looker(given).maps(torch.tensor(both)), tuple(given.shape[2:])).cpu()
        seen += [Seen(each, image, *pair) for each, image, pair in zip(part, given, maps, strict=True)]
    names = subject.name, choice.data, tried.split
    return Mistaken(tried.run, *names, len(images), wrong, method.name, looker.at, seen, seed is not None)


def chosen(
    logs: Tensor, labels: Tensor, names: Sequence[str], count: int, seed: int | None = None
) -> tuple[list[Mistake], int]:
    """The worst `count` mistakes, those of the largest loss first, and how many there are in all.

    With a seed as many drawn at random from all, in the order of the images.
    logs: logarithms of probabilities, images x classes; labels: int64, the true class of each
    """
    wrong = (logs.argmax(1) != labels).nonzero()[:, 0]
    if seed is None:
        worst = (-logs[wrong, labels[wrong]]).argsort(descending=True, stable=True)
        numbers = wrong[worst[:count]]
    else:
        drawn = torch.randperm(len(wrong), generator=torch.Generator().manual_seed(seed))
        numbers = wrong[drawn[:count].sort().values]
    return [_mistake(number, logs[number], int(labels[number]), names) for number in numbers.tolist()], len(wrong)


def _mistake(number: int, logs: Tensor, label: int, names: Sequence[str]) -> Mistake:
    shares = logs.double().softmax(0)
    order = shares.argsort(descending=True, stable=True).tolist()
    probabilities = {names[place]: float(shares[place]) for place in order}
    return Mistake(number, names[label], names[int(logs.argmax())], -float(logs[label]), probabilities)
