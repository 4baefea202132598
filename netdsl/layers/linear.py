"""Layers with a weight for each pair of units: fully and locally connected, and flattening."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import prod
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import AXES, COUNT, FLAG, PADDING, Attribute, Value
from netdsl.layers.base import Layer, Reach, axes_problems, call_text, layer, spread
from netdsl.layers.windows import (
    even_same_problem,
    is_half_padding,
    kernel_problems,
    resolve_padding,
    unread_problem,
)
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("linear", letter="F", aliases={"FC": {}})
@record
class Linear(Layer):
    """Fully connected; flattens what comes in, channels first.

    Shape:  (channels, *size) -> (out_features)
    Params: channels * prod(size) * out_features + out_features * bias
    MACs:   channels * prod(size) * out_features, without bias, one image
    Errors: none
    Source: Rosenblatt 1958; the bias is None until the pass `settle_bias` has seen whether a norm takes it away
    """

    out_features: int
    bias: bool | None

    signature = (Attribute("out_features", COUNT), Attribute("bias", FLAG, None))
    numbers = ("out_features",)
    weighted = True
    linear = True
    saves_input = True

    @property
    def code(self) -> str:
        return f"F{self.out_features}"

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(self.out_features)

    def params(self, x: FeatureMap) -> int:
        return self.out_features * (x.numel + (self.bias is not False))

    def macs(self, x: FeatureMap) -> int:
        return self.out_features * x.numel

    def reach(self, x: FeatureMap) -> Reach:
        return "whole map"

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        from netdsl.modules.linear import FlatLinear

        linear = FlatLinear if x.size else nn.Linear
        return linear(x.numel, self.out_features, bias=self.bias is not False)


@layer("flatten")
@record
class Flatten(Layer):
    """All numbers of the map as one vector, channels first.

    Shape:  (channels, *size) -> (channels * prod(size))
    Params: 0
    MACs:   0
    Errors: none
    Source: the order of torch.flatten
    """

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.numel)

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Flatten()


@layer("local")
@record
class Local(Layer):
    """Locally connected: a convolution whose weights and bias differ from place to place.

    Shape:  (in_channels, *size) -> (out_channels, *size'), axis by axis from `Window.output_size`
    Params: out_channels * prod(size') * (in_channels * prod(kernel_size) + bias)
    MACs:   out_channels * prod(size') * in_channels * prod(kernel_size), without bias, one image
    Errors: NET303 for a wrong number of axes, NET304 when the kernel is larger than the padded input, NET305 for half
            padding of an even kernel; NET350 warns of unread pixels
    Source: LeCun 1989, "Generalization and network design strategies", Net-3; Taigman et al. 2014, "DeepFace"
    """

    kernel_size: tuple[int, ...]
    out_channels: int
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    bias: bool

    signature = (
        Attribute("kernel_size", AXES),
        Attribute("out_channels", COUNT),
        Attribute("stride", AXES, 1),
        Attribute("padding", PADDING, "same"),
        Attribute("bias", FLAG, True),
    )
    numbers = ("kernel_size", "out_channels")
    weighted = True
    linear = True
    takes_vector = False

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(map(Window, self.kernel_size, self.stride, self.padding))

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        wrong_axes = list(axes_problems("local", given, x))
        yield from wrong_axes or even_same_problem(cls, given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Local:
        axes = len(x.size)
        kernel_size = spread(given["kernel_size"], axes)
        return cls(
            kernel_size=kernel_size,
            out_channels=given["out_channels"],
            stride=spread(given.get("stride", 1), axes),
            padding=resolve_padding(given.get("padding", "same"), kernel_size, (1,) * axes),
            bias=given.get("bias", True),
        )

    @property
    def code(self) -> str:
        given = self.given
        if is_half_padding(self.padding, self.kernel_size, (1,) * len(self.kernel_size)):
            del given["padding"]
        return call_text(self.name, self.numbers, given)

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        yield from kernel_problems(self, self.windows, x)

    def warnings(self, x: FeatureMap) -> Iterator[Problem]:
        yield from unread_problem(self, self.windows, x)

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(self.out_channels, tuple(size))

    def params(self, x: FeatureMap) -> int:
        return self.output(x).numel * (x.channels * prod(self.kernel_size) + self.bias)

    def macs(self, x: FeatureMap) -> int:
        return self.output(x).numel * x.channels * prod(self.kernel_size)

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 4 * prod(self.output(x).size) * x.channels * prod(self.kernel_size)  # the pixels of each window, copied

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.linear import LocallyConnected

        return LocallyConnected(in_channels=x.channels, output_size=self.output(x).size, **asdict(self))
