"""Images that excite a class or a feature: the way up the gradient from grey, kept smooth by three regularizers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from netdsl.lowering.to_torch import Compiled
from netdsl.seeing.gradients.scores import Explained, Score

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Ascent:
    """How an image is made.

    steps: of the ascent; rate: how far the first goes, as the root mean square of what is added to the normalized
    image, and falls to a tenth of it by the last
    decay: what of the image is taken away after each step (the gradient of an L2 penalty)
    blur: deviation of a Gaussian blur in pixels, after each `blur_every` steps of all but the last quarter
    jitter: pixels by which the image is shifted at random, around its edges, before each step
    Source: decay: Simonyan et al. 2013, arXiv:1312.6034, section 2; blur: Yosinski et al. 2015, arXiv:1506.06579,
            section 3; jitter: Mordvintsev et al. 2015, "Inceptionism"
    """

    steps: int = 128
    rate: float = 0.4
    decay: float = 0.01
    blur: float = 1.0
    blur_every: int = 4
    jitter: int = 8
    seed: int = 0


DEFAULTS = Ascent()


def ascend(
    module: Compiled,
    at: str,
    score: Score,
    start: Tensor,
    low: Tensor,
    high: Tensor,
    ascent: Ascent = DEFAULTS,
    watch: Watch | None = None,
) -> tuple[Tensor, Tensor]:
    """Images that raise the score of the node `at`, from `start` (N x C x *size, normalized) on, and their scores.

    `low` and `high` (C x 1 x 1) are black and white: no pixel leaves them. Each step goes along the gradient divided by
    its root mean square over the pixels that it reaches, image by image. Where ReLUs on the way are closed for all of
    an image the gradient is zero; then it is taken as if all were open, until one is.
    """
    chance = torch.Generator().manual_seed(ascent.seed)
    net, opened = Explained(module, at), Explained(module, at, "open")
    axes = tuple(range(2, start.dim()))
    x = start.clone()
    for step in range(ascent.steps):
        shifts = _shifts(ascent.jitter, x.shape[2:], chance)
        shifted = x.roll(shifts, axes)
        gradient, _ = net.gradient(shifted, score)
        closed = _rms(gradient) == 0
        if closed.any():
            gradient = torch.where(closed, opened.gradient(shifted, score)[0], gradient)
        gradient = gradient.roll([-shift for shift in shifts], axes)
        rate = ascent.rate * 0.1 ** (step / max(1, ascent.steps - 1))
        x = (x + rate * gradient / _rms(gradient).clamp(min=torch.finfo(x.dtype).tiny)) * (1 - ascent.decay)
        if ascent.blur and (step + 1) % ascent.blur_every == 0 and step + 1 <= 0.75 * ascent.steps:
            x = blurred(x, ascent.blur)
        x = torch.minimum(torch.maximum(x, low), high)
        if watch is not None:
            watch(step + 1, ascent.steps)
    with torch.no_grad():
        return x, score(net(x))


def grey(images: int, shape: Sequence[int], low: Tensor, high: Tensor, seed: int = 0) -> Tensor:
    """Where an ascent begins: the colour that becomes 0, with a little noise so that no two units are alike."""
    noise = torch.randn(images, *shape, generator=torch.Generator().manual_seed(seed)).to(low)
    return torch.minimum(torch.maximum(0.05 * noise, low), high)


def blurred(x: Tensor, deviation: float) -> Tensor:
    """A Gaussian blur over height and width, in pixels; the border's pixels go on beyond it."""
    reach = max(1, round(3 * deviation))
    window = torch.exp(-(torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device) ** 2) / (2 * deviation**2))
    kernel = (window / window.sum()).expand(x.shape[1], 1, 1, -1)
    for _ in range(2):  # along the width, then turned, along the height
        x = functional.conv2d(functional.pad(x, (reach, reach, 0, 0), mode="replicate"), kernel, groups=x.shape[1])
        x = x.transpose(2, 3)
    return x


def _rms(x: Tensor) -> Tensor:
    """The root mean square over the numbers of each image that are not 0: those that a unit with a small field sees."""
    axes = tuple(range(1, x.dim()))
    return (x.square().sum(axes, keepdim=True) / (x != 0).sum(axes, keepdim=True).clamp(min=1)).sqrt()


def _shifts(most: int, size: Sequence[int], chance: torch.Generator) -> list[int]:
    """As many pixels each way, at most a quarter of the image."""
    return [int(torch.randint(-min(most, n // 4), min(most, n // 4) + 1, (), generator=chance)) for n in size]
