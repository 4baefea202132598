"""Layers that multiply, by a constant or by a learned number for each channel, or take the largest of some channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import COUNT, FLAG, NUMBER, Attribute
from netdsl.layers.base import Layer, layer
from netdsl.layers.resize import divisor_problem
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("times")
@record
class Times(Layer):
    """factor * x: residual branches scaled down, a score scaled up.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Szegedy et al. 2016, arXiv:1602.07261, section 3.3
    """

    factor: float

    signature = (Attribute("factor", NUMBER),)
    numbers = ("factor",)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.channels import Times as Multiplied

        return Multiplied(self.factor)


@layer("scale")
@record
class Scale(Layer):
    """Each channel times a learned number that starts as `init`; with `bias` plus another that starts as 0.

    Shape:  unchanged
    Params: channels * (1 + bias)
    MACs:   0
    Errors: none
    Source: LeCun et al. 1998, section II.B, layer S2, with a bias; without one Liu et al. 2015, arXiv:1506.04579,
            section 3.2; Touvron et al. 2021, arXiv:2103.17239, with init=1e-6
    """

    init: float
    bias: bool

    signature = (Attribute("init", NUMBER, 1), Attribute("bias", FLAG, False))
    saves_input = True

    def params(self, x: FeatureMap) -> int:
        return x.channels * (1 + self.bias)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.channels import Scale as Scaled

        return Scaled(x.channels, self.init, self.bias)


@layer("maxout")
@record
class Maxout(Layer):
    """The largest of each `pieces` neighbouring channels.

    Shape:  (channels, *size) -> (channels / pieces, *size)
    Params: 0
    MACs:   0
    Errors: NET302 when pieces does not divide the channels
    Source: Goodfellow et al. 2013, arXiv:1302.4389, section 3
    """

    pieces: int

    signature = (Attribute("pieces", COUNT),)
    numbers = ("pieces",)

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        yield from divisor_problem(self, "pieces", self.pieces, x)

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.channels // self.pieces, x.size)

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 8 * self.output(x).numel  # which piece each maximum came from, as int64

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.channels import Maxout as Largest

        return Largest(self.pieces)
