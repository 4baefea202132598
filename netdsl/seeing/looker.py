"""Scores of pictures, and maps of what in them speaks for a class, by any of the methods."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from netdsl.diagnostics import fail
from netdsl.lowering import Compiled
from netdsl.lowering.class_maps import ClassMaps
from netdsl.lowering.gradient_maps import GRADIENT_METHODS, GradientMaps
from netdsl.seeing.outputs import class_output
from netdsl.seeing.subject import Subject, keep_few

CAM = "cam"
METHODS = (CAM, *GRADIENT_METHODS)


@dataclass(frozen=True, slots=True)
class Method:
    """Whose maps: `cam`, or one of the methods by gradients, which alone can look at another place than the last.

    at: a tag or a node's name. signed: what speaks against a class is below 0; with `cam` in a net with a ReLU before
    the pool and no weights behind it, the maps before that ReLU. head: whose classes, None for the net's own output.
    """

    name: str = CAM
    at: str | None = None
    signed: bool = False
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Scores of a batch, images x classes, and its maps: `maps(classes)` makes those of the classes' numbers.

    Those are given as images x so many, or None for all; the maps are images x so many x height x width, small.
    """

    scores: Tensor
    maps: Callable[[Tensor | None], Tensor]

    @property
    def probabilities(self) -> Tensor:
        return self.scores.softmax(1)


@dataclass(slots=True)
class Looker:
    """A subject and a method; call it with a batch of bytes, images x channels x height x width, all of one size.

    Errors: when it is made, DiagnosticsError with NET604 a net without class activation maps, NET209 and NET606 a
    place that is not there or has no map, NET603 a head without classes
    """

    subject: Subject
    method: Method = Method()
    _made: dict[tuple[int, ...], ClassMaps | GradientMaps] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.method.name == CAM and self.method.at is not None:
            fail(
                "NET606",
                "class activation maps are of what the global pool averages, and of no other place",
                expected="another method with --at, such as --method grad-cam",
                found=f"--method cam --at {self.method.at}",
            )
        self._at(self.subject.image.size)

    @property
    def at(self) -> str:
        """The name of the node whose output the maps are of."""
        return str(self._at(self.subject.image.size).names[0])

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the scores: the subject's, or numbers for a head with other classes."""
        count = class_output(self.subject.network, self.method.head).classes
        return self.subject.classes if count == len(self.subject.classes) else tuple(map(str, range(count)))

    @property
    def bias(self) -> Tensor | None:
        """What is added to the mean of each class's map to give its score, where the method is exact and has one."""
        made = self._at(self.subject.image.size)
        return made.bias if isinstance(made, ClassMaps) else None

    def __call__(self, pixels: Tensor) -> Look:
        made = self._at(tuple(pixels.shape[2:]))
        x = self.subject.batch(pixels)
        if isinstance(made, GradientMaps):
            scores, features = made.look(x)
            every = torch.arange(scores.shape[1], device=scores.device).expand(len(scores), -1)
            return Look(
                scores.detach().float(),
                lambda classes: made.maps(scores, features, every if classes is None else classes.to(scores.device)),
            )
        with torch.no_grad(), self.subject.engine.precision():
            scores, features = made.look(x)
        return Look(scores.float(), lambda classes: _maps(made, features, classes))

    def _at(self, size: tuple[int, ...]) -> Any:
        if size not in self._made:
            module = self.subject.at(size)
            assert module is not None, f"{self.subject.name} has no net for {size}, and read_photos knows"
            keep_few(self._made)
            self._made[size] = _make(module, self.subject, self.method)
        return self._made[size]


def upsampled(maps: Tensor, size: tuple[int, ...]) -> Tensor:
    """Maps (images x classes x height x width) as large as a picture, by bilinear interpolation.

    Each of the map's pixels stands for an equal part of the picture, as in Zhou et al. 2016.
    """
    return functional.interpolate(maps.float(), size=size, mode="bilinear", align_corners=False)


def _maps(made: ClassMaps, features: Tensor, classes: Tensor | None) -> Tensor:
    with torch.no_grad():
        return made.maps(features, None if classes is None else classes.to(features.device)).float()


def _make(module: Compiled, subject: Subject, method: Method) -> ClassMaps | GradientMaps:
    scores = class_output(subject.network, method.head).node
    if method.name == CAM:
        return ClassMaps(module, scores, method.signed)
    return GradientMaps(module, scores, method.at, method.name, method.signed)
