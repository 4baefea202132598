"""What painting a picture will do: sizes from coarse to fine, and how long all their steps take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from netdsl.style.iterative.objective import Losses
from netdsl.style.iterative.settings import Settings
from netdsl.style.iterative.windows import seen_share
from netdsl.style.loss.network import LossNetwork
from netdsl.style.pictures.sources import content_picture, scaled

COARSEST = 128
"""Pixels of the longer side where painting begins; the next size has twice as many, up to the one asked for."""
TWICE = 4 / 3
"""A tile is looked at twice, the first time without a gradient, which takes twice as long as looking."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done: longer sides from coarse to fine, steps of all together, seconds as measured."""

    sizes: tuple[int, ...]
    steps: int
    seconds: float
    precision: str


def sizes_of(settings: Settings, content: Image.Image | None = None) -> tuple[int, ...]:
    """Halves of the size, down to `COARSEST`, as long as the shorter side keeps pixels enough; the smallest first.

    `content` is the picture that the settings name, where it has been read. Errors: NET651 for one that is none
    """
    content = content_picture(settings.content) if content is None else content
    scaled(content, settings.size)  # says what is wrong with the size asked for
    sizes = [settings.size]
    narrow = max(content.size) / min(content.size)
    while settings.coarse and sizes[0] // 2 >= max(COARSEST, 32 * narrow):
        sizes.insert(0, sizes[0] // 2)
    return tuple(sizes)


def tiled(settings: Settings, longer: int) -> bool:
    """Whether a picture with so many pixels on its longer side is looked at tile by tile."""
    return settings.tile is not None and longer > settings.tile


def seconds_of_all(
    settings: Settings, sizes: tuple[int, ...], network: LossNetwork, picture: Tensor, step: float
) -> float:
    """Of all steps, when one at the first of the sizes, where the picture is so large, takes `step` seconds."""
    height, width = picture.shape[-2:]
    share = 0.0
    for size in sizes:
        larger = size / sizes[0]
        share += larger**2 * _dearer(settings, network, size, (round(height * larger), round(width * larger)))
    return step * share / _dearer(settings, network, sizes[0], (height, width)) * settings.steps


def seconds_of_a_step(objective: Callable[[Tensor], Losses], picture: Tensor) -> float:
    """Measured after one that warms up."""
    probe = picture.clone().requires_grad_()
    for _ in range(2):
        started = time.perf_counter()
        objective(probe).total.backward()  # type: ignore[no-untyped-call]
        found = time.perf_counter() - started
    return found


def _dearer(settings: Settings, network: LossNetwork, longer: int, size: tuple[int, int]) -> float:
    """How many times as long tiles take as the whole picture would."""
    if settings.tile is None or not tiled(settings, longer):
        return 1.0
    return TWICE * seen_share(size, settings.tile, network.halo, network.jump)
