"""A picture painted in the style of others by fitting it to the losses of a loss network (the thesis's section 5.3)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from netdsl.diagnostics import fail
from netdsl.style.iterative.fit import Step, fit
from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.iterative.plan import Plan, seconds_of_a_step, seconds_of_all, sizes_of, tiled
from netdsl.style.iterative.room import check_room
from netdsl.style.iterative.settings import INITS, Settings
from netdsl.style.iterative.tiled import TiledObjective
from netdsl.style.loss.network import LossNetwork, loss_network
from netdsl.style.loss.weights import open_loss_weights
from netdsl.style.pictures import colours
from netdsl.style.pictures.sources import (
    as_picture,
    as_tensor,
    content_picture,
    mask_picture,
    read,
    scaled,
    style_picture,
)
from netdsl.tasks.engine.engine import device_of
from netdsl.tasks.engine.number_format import number_format

GREY, DEVIATION = 128.0, 32.0
"""Mean and standard deviation of the noise that a picture may begin with, of 0 to 255."""


@dataclass(frozen=True, slots=True)
class Painted:
    """The picture and its losses, each times its weight, as the last step found them."""

    picture: Image.Image
    content: float
    style: float
    variation: float
    plan: Plan
    seconds: float


Shown = Callable[[], Image.Image]
"""What would be the result now, in the size that is worked on."""


class Watch(Protocol):
    """What is told while a picture is painted. `done` counts the steps of all sizes."""

    def say(self, message: str) -> None: ...
    def plan(self, plan: Plan) -> None: ...
    def step(self, done: int, size: int, step: Step, picture: Shown) -> None: ...


class Silent:
    """A `Watch` that says nothing."""

    def say(self, message: str) -> None: ...
    def plan(self, plan: Plan) -> None: ...
    def step(self, done: int, size: int, step: Step, picture: Shown) -> None: ...


SILENT = Silent()


def paint(settings: Settings, watch: Watch = SILENT, device: str | None = None) -> Painted:
    """Fit a picture, from a small size to the one asked for.

    Errors: DiagnosticsError with NET650 to NET659 (docs/diagnostics.md), those of weights and devices
    """
    started = time.perf_counter()
    terms = _terms(settings)
    sources = _Sources(settings)
    sizes = sizes_of(settings, sources.content)
    weights = open_loss_weights(settings.loss_weights, watch.say)
    place = device_of(device)
    dtype = number_format(settings.precision, place)
    network = loss_network(weights, terms.layers(), dtype, place)
    _check_room(settings, sources, network, terms, place)
    picture: Tensor | None = None
    plan: Plan | None = None
    done = 0
    for size in sizes:
        objective, content = _at(size, settings, terms, sources, network, place)
        picture = _start(settings, sources, content, picture).to(place)
        if plan is None:
            step = seconds_of_a_step(objective, picture)
            seconds = seconds_of_all(settings, sizes, network, picture, step)
            plan = Plan(sizes, len(sizes) * settings.steps, seconds, "bf16" if dtype == torch.bfloat16 else "fp32")
            watch.plan(plan)
        for found in fit(picture, objective, settings.steps, settings.optimizer, settings.rate):
            done += 1
            watch.step(done, size, found, partial(_shown, settings, found.picture, content))
        picture = found.picture
    assert picture is not None and plan is not None
    spent = time.perf_counter() - started
    return Painted(_shown(settings, picture, content), found.content, found.style, found.variation, plan, spent)


def _shown(settings: Settings, picture: Tensor, content: Tensor) -> Image.Image:
    if settings.keep_colors == "luminance":
        picture = colours.luminance_of(picture, content.to(picture))
    return as_picture(picture)


class _Sources:
    """The pictures, read once, before anything takes time."""

    def __init__(self, settings: Settings) -> None:
        self.content = content_picture(settings.content)
        self.styles = [style_picture(style.name) for style in settings.styles]
        self.masks = [
            None if style.mask is None else mask_picture(style.mask, scaled(self.content, settings.size).size)
            for style in settings.styles
        ]
        self.init = None
        if settings.init not in INITS:
            self.init = read(Path(settings.init), "RGB")


def _terms(settings: Settings) -> Terms:
    """What the losses weigh. Errors: NET653 where nothing is left that a picture could be fitted to"""
    given = sum(style.weight for style in settings.styles)
    if settings.styles and not given:
        fail(
            "NET653",
            "no style counts: the weight of each is 0",
            expected="a --style with a weight above 0, such as wave.jpg:0.7",
            found=" and ".join(f"{style.name}:0" for style in settings.styles),
            note="--reconstruct LAYER paints without a style",
        )
    styles = given and settings.style_weight
    content = settings.content_weight and sum(settings.content_layers.values())
    style = styles and sum(settings.style_layers.values())
    if not content and not style:
        fail(
            "NET653",
            "there is nothing to paint after: neither content nor style counts",
            expected="a --content-weight, or a --style with a weight, above 0",
            found=f"a content weight of {settings.content_weight:g} and a style weight of {styles:g}",
        )
    return Terms(
        {layer: weight for layer, weight in settings.content_layers.items() if weight},
        {layer: weight for layer, weight in settings.style_layers.items() if weight},
        settings.content_weight if content else 0.0,
        settings.style_weight if style else 0.0,
        settings.tv_weight,
        settings.relative,
    )


def _at(
    size: int, settings: Settings, terms: Terms, sources: _Sources, network: LossNetwork, place: torch.device
) -> tuple[Objective, Tensor]:
    """The loss at one size, and the content there."""
    content = as_tensor(scaled(sources.content, size))
    total = sum(style.weight for style in settings.styles)
    styles = []
    for choice, picture, mask in zip(settings.styles, sources.styles, sources.masks, strict=True):
        longer = max(1, round((settings.style_size or settings.size) * size / settings.size))
        pixels = as_tensor(scaled(picture, longer))
        if settings.keep_colors == "match":
            pixels = colours.matched(pixels, content)
        region = None
        if mask is not None:
            region = as_tensor(mask.resize((content.shape[3], content.shape[2])))[0, 0].to(place) / 255
        if choice.weight:
            weight = choice.weight if any(sources.masks) else choice.weight / total
            styles.append(Style(pixels.to(place), weight, region))
    if settings.tile is not None and tiled(settings, size):
        return TiledObjective(network, terms, content.to(place), styles, settings.tile, settings.seed), content
    return Objective(network, terms, content.to(place), styles), content


def _check_room(settings: Settings, sources: _Sources, network: LossNetwork, terms: Terms, place: torch.device) -> None:
    width, height = scaled(sources.content, settings.size).size
    longer = settings.style_size or settings.size
    styles = [scaled(picture, longer).size for picture in sources.styles]
    check_room(settings, network, terms, (height, width), max((w * h for w, h in styles), default=0), place)


def _start(settings: Settings, sources: _Sources, content: Tensor, before: Tensor | None) -> Tensor:
    """What the picture begins with: that of the smaller size, or what was asked for."""
    height, width = content.shape[-2:]
    if before is not None:
        larger = nn.functional.interpolate(before, size=(height, width), mode="bicubic", antialias=True)
        return larger.clamp(0, 255)
    if sources.init is not None:
        return as_tensor(ImageOps.fit(sources.init, (width, height), Image.Resampling.LANCZOS))
    if settings.init == "noise":
        random = torch.Generator().manual_seed(settings.seed)
        return GREY + DEVIATION * torch.randn(content.shape, generator=random)
    return content
