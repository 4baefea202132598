"""Convolution over one, two or three spatial axes, and what it shares with its transpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from math import gcd, prod
from typing import TYPE_CHECKING, Any, ClassVar

from netdsl.diagnostics import InternalError, Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import AXES, COUNT, FILLED_IN, FLAG, GROUPS, PADDING, Attribute, Value
from netdsl.layers.base import Layer, Reach, axes_problems, axes_text, layer, spread
from netdsl.layers.windows import (
    even_same_problem,
    half_padding,
    is_half_padding,
    kernel_problems,
    padding_code,
    resolve_padding,
    typed,
    unread_problem,
)
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

SIGNATURE: tuple[Attribute, ...] = (
    Attribute("kernel_size", AXES, FILLED_IN),
    Attribute("out_channels", COUNT, FILLED_IN),
    Attribute("stride", AXES, 1),
    Attribute("padding", PADDING, "same"),
    Attribute("dilation", AXES, 1),
    Attribute("groups", GROUPS, 1),
    Attribute("bias", FLAG, None),
)


@record
class Filters(Layer):
    """What a convolution and its transpose share: filters of one size, in groups, with a bias or without.

    `bias` is None until the pass `settle_bias` has seen whether a norm takes it away.
    """

    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    bias: bool | None

    signature: ClassVar[tuple[Attribute, ...]] = SIGNATURE
    numbers: ClassVar[tuple[str, ...]] = ("kernel_size", "out_channels")
    weighted = True
    linear = True
    takes_vector = False
    saves_input = True

    @property
    def depthwise(self) -> bool:
        return self.groups > 1 and self.groups == self.out_channels

    @property
    def code(self) -> str:
        text = f"{self.letter}{axes_text(self.kernel_size)}-{self.out_channels}"
        if set(self.stride) != {1}:
            text += f"/{axes_text(self.stride)}"
        text += self._padding_code()
        if set(self.dilation) != {1}:
            text += f"d{axes_text(self.dilation)}"
        if self.groups > 1:
            text += f"g{self.groups}"
        return text

    def _padding_code(self) -> str:
        raise InternalError("a convolution says this itself")

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if x.channels % self.groups or self.out_channels % self.groups:
            groups = gcd(gcd(x.channels, self.out_channels), self.groups)
            fixed = replace(self, groups=groups)
            cost = f"{groups if groups > 1 else 'no'} groups, {fixed.params(x):,} parameters"
            yield Problem(
                "NET302",
                f"groups={self.groups} does not divide the channels of `{self.code}`",
                expected=f"in_channels and out_channels divisible by groups={self.groups}",
                found=f"in_channels={x.channels}, out_channels={self.out_channels}",
                help=f"write `{typed(fixed)}` ({cost})",
                replacement=typed(fixed),
            )

    def params(self, x: FeatureMap) -> int:
        return prod(self._weight_shape(x)) + (self.out_channels if self.bias is not False else 0)

    def _weight_shape(self, x: FeatureMap) -> tuple[int, ...]:
        raise InternalError("a convolution says this itself")


@layer("conv", letter="C")
@record
class Conv(Filters):
    """Convolution over one, two or three spatial axes.

    Shape:  (in_channels, *size) -> (out_channels, *size'), axis by axis from `Window.output_size`
    Params: out_channels * (in_channels / groups * prod(kernel_size) + bias)
    MACs:   prod(size') * out_channels * in_channels / groups * prod(kernel_size), without bias, one image
    Errors: NET302 when groups does not divide both channel counts, NET303 for a wrong number of axes, NET304 when the
            kernel is larger than the padded input, NET305 for half padding of an even kernel; NET350 warns of unread
            pixels
    Source: Dumoulin & Visin, arXiv:1603.07285, section 2
    """

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(map(Window, self.kernel_size, self.stride, self.padding, self.dilation))

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        wrong_axes = list(axes_problems("conv", given, x))
        yield from wrong_axes or even_same_problem(cls, given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Conv:
        axes = len(x.size)
        kernel_size = spread(given["kernel_size"], axes)
        dilation = spread(given.get("dilation", 1), axes)
        groups = given.get("groups", 1)
        return cls(
            out_channels=given["out_channels"],
            kernel_size=kernel_size,
            stride=spread(given.get("stride", 1), axes),
            padding=resolve_padding(given.get("padding", "same"), kernel_size, dilation),
            dilation=dilation,
            groups=x.channels if groups == "depthwise" else groups,
            bias=given.get("bias"),
        )

    def _padding_code(self) -> str:
        return padding_code(self.padding, self.kernel_size, self.dilation, default="s")

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        yield from super().problems(x)
        yield from kernel_problems(self, self.windows, x)

    def warnings(self, x: FeatureMap) -> Iterator[Problem]:
        padding = half_padding(self.kernel_size, self.dilation)
        halves = is_half_padding(padding, self.kernel_size, self.dilation)
        yield from unread_problem(self, self.windows, x, replace(self, padding=padding) if halves else None)

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(self.out_channels, tuple(size))

    def macs(self, x: FeatureMap) -> int:
        return self.output(x).numel * (x.channels // self.groups) * prod(self.kernel_size)

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(x.size) - 1]
        numbers: dict[str, Any] = asdict(self)
        numbers["bias"] = self.bias is not False
        return conv(in_channels=x.channels, **numbers)

    def _weight_shape(self, x: FeatureMap) -> tuple[int, ...]:
        return (self.out_channels, x.channels // self.groups, *self.kernel_size)
