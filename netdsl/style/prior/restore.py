"""One picture restored by a net that is fitted to it alone: Ulyanov et al. 2017, arXiv:1711.10925."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from netdsl.style.pictures.sources import as_picture
from netdsl.style.prior.fit import Step, fit, noise_for
from netdsl.style.prior.net import prior_net
from netdsl.style.prior.restoration import Restoration, restoration, truth_of
from netdsl.style.prior.settings import Settings
from netdsl.tasks.engine.engine import Engine, device_of
from netdsl.tasks.engine.number_format import number_format


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done: the result's width and height, the given picture's own, seconds as measured."""

    size: tuple[int, int]
    own: tuple[int, int]
    steps: int
    seconds: float
    precision: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The picture, the last loss; where the truth is known, how near to it the result is, and what there was before.

    psnr, psnr_before: decibels, for inpainting of the hole alone
    """

    picture: Image.Image
    loss: float
    psnr: float | None
    psnr_before: float | None
    plan: Plan
    seconds: float


class Watch(Protocol):
    """What is told while a picture is restored. `picture` is what would be the result now."""

    def plan(self, plan: Plan) -> None: ...
    def step(self, number: int, loss: float, psnr: float | None, picture: Callable[[], Image.Image]) -> None: ...


def restore(settings: Settings, watch: Watch, truth: Path | None = None, device: str | None = None) -> Restored:
    """Fit the net to the picture.

    Errors: DiagnosticsError with NET651, NET654, NET657, NET662 and NET663 (docs/diagnostics.md), those of the net's
    text and of devices
    """
    started = time.perf_counter()
    place = device_of(device)
    task, own = restoration(settings, place)
    height, width = task.size
    true = None if truth is None else truth_of(truth, task.size, place)
    net = prior_net(settings, task.size)
    precision = "bf16" if number_format(settings.precision, place) == torch.bfloat16 else "fp32"
    engine = Engine(place, precision)
    module = engine.place(net.module)
    forward = engine.trained(module)

    def run(x: Tensor) -> Tensor:
        made: Tensor = forward(engine.images(x))
        return made[:, :, :height, :width]

    noise = noise_for(net.network, settings, place)
    seconds = _seconds(lambda: task.loss(run(noise)))
    plan = Plan((width, height), own, settings.all_steps, seconds * settings.all_steps, precision)
    watch.plan(plan)
    for step in fit(run, list(module.parameters()), noise, task.loss, settings):
        found = None if true is None else task.psnr(task.result(step.output), true)
        watch.step(step.number, step.loss, found, _shown(task, step))
    before = None if true is None else task.psnr(task.before, true)
    spent = time.perf_counter() - started
    return Restored(as_picture(task.result(step.output)), step.loss, found, before, plan, spent)


def _shown(task: Restoration, step: Step) -> Callable[[], Image.Image]:
    return lambda: as_picture(task.result(step.output))


def _seconds(loss: Callable[[], Tensor]) -> float:
    """Of one step, measured after one that warms up."""
    for _ in range(2):
        started = time.perf_counter()
        loss().backward()  # type: ignore[no-untyped-call]
        found = time.perf_counter() - started
    return found
