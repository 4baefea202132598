"""Normalization: by batch, instance, group or pixel, and AlexNet's between neighbouring channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import gcd, prod
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import CONDITION, COUNT, FLAG, NUMBER, POSITIVE, Attribute, Value
from netdsl.layers.base import Layer, call_text, layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

EPS = Attribute("eps", POSITIVE, 1e-5)
AFFINE = Attribute("affine", FLAG, True)


@layer("batch_norm", letter="B", aliases={"BN": {}})
@record
class BatchNorm(Layer):
    """Batch normalization, with a scale and a shift for each channel.

    Shape:  unchanged
    Params: 2 * channels, none with affine=false
    MACs:   0, since norms are left out of the count
    Errors: none
    Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithms 1 and 2
    """

    eps: float
    momentum: float
    affine: bool

    signature = (EPS, Attribute("momentum", POSITIVE, 0.1), AFFINE)
    is_norm = True
    subtracts_mean = True
    saves_input = True

    def params(self, x: FeatureMap) -> int:
        return 2 * x.channels * self.affine

    def buffers(self, x: FeatureMap) -> int:
        return 2 * x.channels + 1  # running mean and variance, and torch's count of the batches seen

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        norm = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[len(x.size)]
        return norm(x.channels, **asdict(self))


@layer("instance_norm", letter="I")
@record
class InstanceNorm(Layer):
    """Instance normalization: each channel of each image by itself, with a learned scale and shift, no running mean.

    With a condition, `I{style}`, a scale and a shift for each channel and value: those of the index that is given, or
    the mean of all by the weights that are given.

    Shape:  unchanged
    Params: 2 * channels, for each value of a condition; none with affine=false
    MACs:   0, since norms are left out of the count
    Errors: NET307 when there is only one pixel, NET206 for a condition with affine=false
    Source: Ulyanov et al. 2016, arXiv:1607.08022; Dumoulin et al. 2017, arXiv:1610.07629, equation 5
    """

    condition: str | None
    eps: float
    affine: bool
    values: int = 1

    signature = (Attribute("condition", CONDITION, None), EPS, AFFINE)
    numbers = ("condition",)
    names_place = "output"
    is_norm = True
    subtracts_mean = True
    takes_vector = False
    saves_input = True

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        if given.get("condition") is not None and not given.get("affine", True):
            yield Problem(
                "NET206",
                "a condition chooses a scale and a shift, and `affine=false` leaves none",
                expected="a condition, or affine=false",
                found="both",
            )

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> InstanceNorm:
        place = given.get("condition")
        name, values = (None, 1) if place is None else (str(place), place.output.channels)
        return cls(name, given.get("eps", EPS.default), given.get("affine", True), values)

    @property
    def code(self) -> str:
        if self.condition is None:
            return super().code
        given = {key: value for key, value in self.given.items() if key != "condition"}
        return (
            call_text("instance_norm", (), {"condition": self.condition, **given})
            if given
            else f"I{{{self.condition}}}"
        )

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if prod(x.size) == 1:
            yield Problem(
                "NET307",
                f"`{self.code}` of one pixel is zero whatever comes in",
                expected="more than one pixel for each channel",
                found=str(x),
                help="write `B`, which takes its mean over the batch as well",
                replacement="B",
            )

    def params(self, x: FeatureMap) -> int:
        return 2 * x.channels * self.values * self.affine

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        if self.condition is not None:
            from netdsl.modules.condition import ConditionalInstanceNorm

            return ConditionalInstanceNorm(x.channels, self.values, self.eps)
        from netdsl.modules.instance_norm import InstanceNorm2d

        norm = (nn.InstanceNorm1d, InstanceNorm2d, nn.InstanceNorm3d)[len(x.size) - 1]
        return norm(x.channels, eps=self.eps, affine=self.affine)


@layer("group_norm")
@record
class GroupNorm(Layer):
    """Group normalization: mean and variance over some of the channels of each image.

    Shape:  unchanged
    Params: 2 * channels, none with affine=false
    MACs:   0, since norms are left out of the count
    Errors: NET302 when num_groups does not divide the channels, NET307 when a group is one number
    Source: Wu & He 2018, arXiv:1803.08494
    """

    num_groups: int
    eps: float
    affine: bool

    is_norm = True
    signature = (Attribute("num_groups", COUNT), EPS, AFFINE)
    numbers = ("num_groups",)
    saves_input = True

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        groups = gcd(self.num_groups, x.channels)
        if groups != self.num_groups:
            yield Problem(
                "NET302",
                f"num_groups={self.num_groups} does not divide the channels of `{self.code}`",
                expected=f"channels divisible by num_groups={self.num_groups}",
                found=f"{x.channels} channels",
                help=f"write `group_norm({groups})` ({x.channels // groups} channels a group)",
                replacement=f"group_norm({groups})",
            )
        elif x.numel == self.num_groups:
            yield Problem(
                "NET307",
                f"`{self.code}` of one number a group is zero whatever comes in",
                expected="more than one number for each group",
                found=f"{x} in {self.num_groups} groups",
                help="write `group_norm(1)`, one group" if x.numel > 1 else "",
                replacement="group_norm(1)" if x.numel > 1 else None,
            )

    def params(self, x: FeatureMap) -> int:
        return 2 * x.channels * self.affine

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.GroupNorm(num_channels=x.channels, **asdict(self))


@layer("layer_norm")
@record
class LayerNorm(Layer):
    """Layer normalization over the channels of each pixel.

    Shape:  unchanged
    Params: 2 * channels, none with affine=false
    MACs:   0, since norms are left out of the count
    Errors: none
    Source: Ba et al. 2016, arXiv:1607.06450; over the channels of a pixel as Liu et al. 2022, arXiv:2201.03545
    """

    eps: float
    affine: bool

    is_norm = True
    signature = (EPS, AFFINE)
    saves_input = True

    def params(self, x: FeatureMap) -> int:
        return 2 * x.channels * self.affine

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 8 * prod(x.size)  # mean and deviation of each pixel

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.norm import LayerNorm as Norm

        return Norm(x.channels, **asdict(self))


@layer("l2_norm")
@record
class L2Norm(Layer):
    """The channels of each pixel divided by their Euclidean length; a `scale` behind it makes it learn.

    Shape:  unchanged
    Params: 0
    MACs:   0, since norms are left out of the count
    Errors: none
    Source: Liu et al. 2015, arXiv:1506.04579, section 3.2
    """

    saves_input = True

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 8 * prod(x.size)  # the length of each pixel, as it is and with a floor under it

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.norm import L2Norm as Norm

        return Norm()


@layer("local_response_norm", letter="L", aliases={"LRN": {}})
@record
class LocalResponseNorm(Layer):
    """Local response normalization: x / (k + alpha / size * sum of squares over `size` neighbouring channels) ** beta.

    AlexNet's paper prints the sum without the division by the size; its author's code, Caffe and torch divide. The
    numbers here mean what they mean in torch: the printed formula with alpha = 1e-4 and size = 5 is alpha = 5e-4.

    Shape:  unchanged
    Params: 0
    MACs:   0, since norms are left out of the count
    Errors: none
    Source: Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", section 3.3
    """

    size: int
    alpha: float
    beta: float
    k: float

    signature = (
        Attribute("size", COUNT, 5),
        Attribute("alpha", POSITIVE, 1e-4),
        Attribute("beta", POSITIVE, 0.75),
        Attribute("k", NUMBER, 2),
    )
    numbers = ("size",)
    takes_vector = False
    saves_input = True

    def scratch_bytes(self, x: FeatureMap) -> int:
        squares = (x.channels + self.size - 1) * prod(x.size)
        return 4 * squares + 8 * x.numel  # the padded squares, the sums and their power

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.LocalResponseNorm(**asdict(self))
