"""The convolution of LeNet-5's third layer: a table says which input maps each output map sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import AXES, FLAG, PADDING, TABLE, Attribute, Value
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


@layer("conv_table")
@record
class ConvTable(Layer):
    """A convolution in which each output map sees the input maps of its row of `connections`, counted from 0.

    Shape:  (in_channels, *size) -> (rows, *size'), axis by axis from `Window.output_size`
    Params: prod(kernel_size) * connections + rows * bias
    MACs:   prod(size') * prod(kernel_size) * connections, without bias, one image: a connection that is not in the
            table costs nothing, as in the torch form, which lays rows of one length side by side as groups
    Errors: NET303 for a wrong number of axes, NET304 when the kernel is larger than the padded input, NET305 for half
            padding of an even kernel, NET316 for a map that is not there; NET350 warns of unread pixels
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B and Table I
    """

    kernel_size: tuple[int, ...]
    connections: tuple[tuple[int, ...], ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    bias: bool

    signature = (
        Attribute("kernel_size", AXES),
        Attribute("connections", TABLE),
        Attribute("stride", AXES, 1),
        Attribute("padding", PADDING, "same"),
        Attribute("bias", FLAG, True),
    )
    numbers = ("kernel_size",)
    weighted = True
    linear = True
    takes_vector = False

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(map(Window, self.kernel_size, self.stride, self.padding))

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        axes = {name: value for name, value in given.items() if name != "connections"}
        wrong_axes = list(axes_problems("conv_table", axes, x))
        yield from wrong_axes or even_same_problem(cls, given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> ConvTable:
        axes = len(x.size)
        kernel_size = spread(given["kernel_size"], axes)
        rows = given["connections"]
        return cls(
            kernel_size=kernel_size,
            connections=rows if isinstance(rows[0], tuple) else (rows,),
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
        largest = max(map(max, self.connections))
        if largest >= x.channels:
            yield Problem(
                "NET316",
                f"the table connects to map {largest}, and {x.channels} maps come in",
                expected=f"maps from 0 to {x.channels - 1}",
                found=str(largest),
            )

    def warnings(self, x: FeatureMap) -> Iterator[Problem]:
        yield from unread_problem(self, self.windows, x)

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(len(self.connections), tuple(size))

    def params(self, x: FeatureMap) -> int:
        return prod(self.kernel_size) * self._connections + len(self.connections) * self.bias

    def macs(self, x: FeatureMap) -> int:
        return prod(self.output(x).size) * prod(self.kernel_size) * self._connections

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)

    def scratch_bytes(self, x: FeatureMap) -> int:
        return (4 * prod(x.size) + 8) * self._connections  # the maps of each row side by side, and which they were

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.conv_table import ConvTable as Connected

        return Connected(self.connections, self.kernel_size, self.stride, self.padding, self.bias)

    @property
    def _connections(self) -> int:
        return sum(map(len, self.connections))
