"""Layers that change the size or the order of a map and leave its values alone: upsampling, padding, shuffling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Slide
from netdsl.layers.attributes import AXES, COUNT, PIXELS, Attribute, Value, word
from netdsl.layers.base import Layer, Reach, axes_problems, axes_text, layer, spread
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("upsample", letter="U")
@record
class Upsample(Layer):
    """Each pixel becomes scale x scale: copies of it, or with mode=bilinear a mean of its neighbours.

    Shape:  (channels, *size) -> (channels, *size * scale)
    Params: 0
    MACs:   0
    Errors: NET303 for a wrong number of axes
    Source: Odena et al. 2016, "Deconvolution and checkerboard artifacts"; bilinear as torch's align_corners=False
    """

    scale: tuple[int, ...]
    mode: str

    signature = (Attribute("scale", AXES), Attribute("mode", word("nearest", "bilinear"), "nearest"))
    numbers = ("scale",)
    takes_vector = False
    passes_mean = True

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        yield from axes_problems("upsample", given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Upsample:
        return cls(spread(given["scale"], len(x.size)), given.get("mode", "nearest"))

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.channels, tuple(n * s for n, s in zip(x.size, self.scale, strict=True)))

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(self._slide(s) for s in self.scale)

    def _slide(self, scale: int) -> Slide:
        """Nearest: output j is input floor(j / scale); bilinear: it lies at (j + 1/2) / scale - 1/2, between two."""
        step = Fraction(1, scale)
        if self.mode == "nearest" or scale == 1:
            return Slide(0, step, step - 1, 1 - step)
        to_next = 1 - step / 2  # in halves of a step: from any place between two inputs to the next of them
        return Slide(1, step, (step - 1) / 2 - to_next, 2 * to_next)

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        modes = {"nearest": ("nearest",) * 3, "bilinear": ("linear", "bilinear", "trilinear")}
        return nn.Upsample(scale_factor=tuple(map(float, self.scale)), mode=modes[self.mode][len(x.size) - 1])


@layer("pad")
@record
class Pad(Layer):
    """Pixels around the map: zeros, the map mirrored at its border pixels, or copies of the border pixels.

    Shape:  (channels, *size) -> (channels, *size + 2 * padding)
    Params: 0
    MACs:   0
    Errors: NET303 for a wrong number of axes, NET312 when there are not enough pixels to mirror
    Source: Gatys et al. and Johnson et al. 2016, arXiv:1603.08155, supplementary material, for mode=reflect
    """

    padding: tuple[int, ...]
    mode: str

    signature = (Attribute("padding", PIXELS), Attribute("mode", word("zero", "reflect", "replicate"), "zero"))
    numbers = ("padding",)
    takes_vector = False

    @property
    def saves_input(self) -> bool:
        return self.mode != "zero"

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        yield from axes_problems("pad", given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Pad:
        return cls(spread(given["padding"], len(x.size)), given.get("mode", "zero"))

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if self.mode == "reflect" and any(p >= n for p, n in zip(self.padding, x.size, strict=True)):
            most = axes_text(tuple(min(p, n - 1) for p, n in zip(self.padding, x.size, strict=True)))
            yield Problem(
                "NET312",
                f"`{self.code}` mirrors more pixels than its input has",
                expected=f"a padding of at most {most}: fewer pixels than the input on each axis",
                found=f"a padding of {axes_text(self.padding)}, input {x}",
                help=f"write `pad({most}, mode=reflect)`",
                replacement=f"pad({most}, mode=reflect)",
            )

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.channels, tuple(n + 2 * p for n, p in zip(x.size, self.padding, strict=True)))

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(Slide(0, 1, -p) for p in self.padding)

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        kind = {"zero": "Zero", "reflect": "Reflection", "replicate": "Replication"}[self.mode]
        both_sides = tuple(p for padding in reversed(self.padding) for p in (padding, padding))
        module: Module = getattr(nn, f"{kind}Pad{len(x.size)}d")(both_sides)
        return module


@layer("shuffle")
@record
class Shuffle(Layer):
    """The channels of `groups` groups dealt out in turn, so that the next groups see channels of all.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: NET302 when groups does not divide the channels
    Source: Zhang et al. 2017, arXiv:1707.01083, section 3.1
    """

    groups: int

    signature = (Attribute("groups", COUNT),)
    numbers = ("groups",)
    passes_mean = True

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        yield from divisor_problem(self, "groups", self.groups, x)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.channels import Shuffle as Shuffled

        return Shuffled(self.groups)


def divisor_problem(layer: Layer, attribute: str, value: int, x: FeatureMap) -> Iterator[Problem]:
    """A number of groups or pieces must divide the channels (NET302)."""
    if x.channels % value == 0:
        return
    fitting = gcd(x.channels, value)
    yield Problem(
        "NET302",
        f"{attribute}={value} does not divide the channels of `{layer.code}`",
        expected=f"channels divisible by {attribute}={value}",
        found=f"{x.channels} channels",
        help=f"write `{layer.name}({fitting})` ({x.channels // fitting} channels in each)",
        replacement=f"{layer.name}({fitting})",
    )
