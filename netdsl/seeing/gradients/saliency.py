"""Which pixels of an image a score depends on: the gradient, and four things made of it.

All take images as the net gets them (normalized, N x C x height x width) and give signed numbers of the same shape;
`over_colours` makes a picture of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from netdsl.lowering.to_torch import Compiled
from netdsl.seeing.gradients.rules import Rule
from netdsl.seeing.gradients.scores import Explained, Score

Method = Literal["gradient", "guided", "deconvnet", "smoothgrad", "integrated"]
METHODS: tuple[Method, ...] = get_args(Method)
BATCH = 16  # images that go through the net at once
ScoreOf = Callable[[Sequence[int]], Score]
"""The score of each image's own channel."""
Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How often the net is asked by the methods that ask more than once.

    samples: noisy copies of an image; noise: their deviation, as a share of the image's range of values
    steps: points on the way from the baseline to the image
    Source: Smilkov et al. 2017, arXiv:1706.03825, sections 3.1 and 3.2: 50 copies and 10 to 20 per cent
    """

    samples: int = 50
    noise: float = 0.15
    steps: int = 64
    seed: int = 0


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Attributions:
    """values: N x C x *size; scores: N; baseline_scores: N, of integrated gradients, whose sums are the difference."""

    values: Tensor
    scores: Tensor
    baseline_scores: Tensor | None = None


def attributions(
    module: Compiled,
    at: str,
    images: Tensor,
    channels: Sequence[int],
    score_of: ScoreOf,
    method: Method = "gradient",
    baseline: Tensor | None = None,
    settings: Settings = DEFAULTS,
    watch: Watch | None = None,
) -> Attributions:
    """How much each number of each image has to do with the score of its channel of the node `at`.

    `baseline` (C x 1 x 1 or C x *size, normalized) is where integrated gradients begin: zeros without it.
    `watch` is told how many passes of how many are done.
    """
    if method == "smoothgrad":
        return _smooth(Explained(module, at), images, channels, score_of, settings, watch)
    if method == "integrated":
        start = torch.zeros_like(images) if baseline is None else baseline.to(images).expand_as(images)
        return _integrated(Explained(module, at), images, start, channels, score_of, settings.steps, watch)
    rule: Rule = method
    values, scores = _in_batches(Explained(module, at, rule), images, channels, score_of, watch)
    return Attributions(values, scores)


def over_colours(values: Tensor) -> Tensor:
    """The largest absolute value over the colours: N x *size, 0 and more.

    Source: Simonyan et al. 2013, arXiv:1312.6034, section 3.1
    """
    return values.abs().amax(1)


def _in_batches(
    net: Explained, images: Tensor, channels: Sequence[int], score_of: ScoreOf, watch: Watch | None
) -> tuple[Tensor, Tensor]:
    values, scores = [], []
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        gradient, score = net.gradient(images[part], score_of(channels[part]))
        values.append(gradient)
        scores.append(score)
        if watch is not None:
            watch(min(start + BATCH, len(images)), len(images))
    return torch.cat(values), torch.cat(scores)


def _smooth(
    net: Explained, images: Tensor, channels: Sequence[int], score_of: ScoreOf, settings: Settings, watch: Watch | None
) -> Attributions:
    """The mean of the gradients of noisy copies, signs included.

    Source: Smilkov et al. 2017, arXiv:1706.03825, section 3
    """
    chance = torch.Generator().manual_seed(settings.seed)
    spans = images.flatten(1).amax(1) - images.flatten(1).amin(1)
    deviations = (settings.noise * spans).view(-1, *[1] * (images.dim() - 1))
    mean = torch.zeros_like(images)
    for number in range(settings.samples):
        noise = torch.randn(images.shape, generator=chance).to(images)
        gradients, _ = _in_batches(net, images + deviations * noise, channels, score_of, None)
        mean += gradients / settings.samples
        if watch is not None:
            watch(number + 1, settings.samples)
    with torch.no_grad():
        scores = torch.cat([score_of([c])(net(image[None])) for image, c in zip(images, channels, strict=True)])
    return Attributions(mean, scores)


def _integrated(
    net: Explained,
    images: Tensor,
    baseline: Tensor,
    channels: Sequence[int],
    score_of: ScoreOf,
    steps: int,
    watch: Watch | None,
) -> Attributions:
    """(x - baseline) times the mean gradient on the straight way between them, at the middles of equal steps.

    Their sum over an image is its score minus the baseline's (completeness), as nearly as the steps can say.
    Source: Sundararajan et al. 2017, arXiv:1703.01365, equations 1 and 3 and proposition 1
    """
    mean = torch.zeros_like(images)
    way = images - baseline
    for number in range(steps):
        there = baseline + (number + 0.5) / steps * way
        gradients, _ = _in_batches(net, there, channels, score_of, None)
        mean += gradients / steps
        if watch is not None:
            watch(number + 1, steps)
    with torch.no_grad():
        pairs = list(zip(images, baseline, channels, strict=True))
        scores = torch.cat([score_of([c])(net(image[None])) for image, _, c in pairs])
        before = torch.cat([score_of([c])(net(start[None])) for _, start, c in pairs])
    return Attributions(way * mean, scores, before)
