"""Max, average and global average pooling over one, two or three spatial axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import AXES, FLAG, PADDING, Attribute, Value
from netdsl.layers.base import Layer, Reach, axes_problems, axes_text, call_text, layer, spread
from netdsl.layers.windows import (
    even_same_problem,
    kernel_problems,
    padding_code,
    resolve_padding,
    unread_problem,
    with_fitting_kernel,
)
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

KERNEL_SIZE = Attribute("kernel_size", AXES, 2)
STRIDE = Attribute("stride", AXES, None)  # that of the kernel
VALID = Attribute("padding", PADDING, "valid")
CEIL_MODE = Attribute("ceil_mode", FLAG, False)


@record
class Pool(Layer):
    """What max and average pooling share: a window for each axis that moves by its own size unless told otherwise."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    ceil_mode: bool

    numbers = ("kernel_size",)
    is_pool = True
    takes_vector = False
    saves_input = True

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(
            Window(k, s, p, d, self.ceil_mode)
            for k, s, p, d in zip(self.kernel_size, self.stride, self.padding, self.dilations, strict=True)
        )

    @property
    def dilations(self) -> tuple[int, ...]:
        """One for each axis: only max pooling has others than 1."""
        return (1,) * len(self.kernel_size)

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        wrong_axes = list(axes_problems(cls.name, given, x))
        yield from wrong_axes or even_same_problem(cls, {"kernel_size": 2, **given}, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Pool:
        axes = len(x.size)
        kernel_size = spread(given.get("kernel_size", 2), axes)
        dilation = spread(given.get("dilation", 1), axes)
        values: dict[str, Value] = {a.name: given.get(a.name, a.default) for a in cls.signature}
        values["kernel_size"] = kernel_size
        values["stride"] = spread(given.get("stride", kernel_size), axes)
        values["padding"] = resolve_padding(given.get("padding", "valid"), kernel_size, dilation)
        if "dilation" in values:
            values["dilation"] = dilation
        return cls(**values)

    @property
    def passes_mean(self) -> bool:
        return not any(self.padding)

    @property
    def code(self) -> str:
        text = f"{self.letter}{axes_text(self.kernel_size)}"
        if self.stride != self.kernel_size:
            text += f"/{axes_text(self.stride)}"
        text += padding_code(self.padding, self.kernel_size, self.dilations, default="v")
        if set(self.dilations) != {1}:
            text += f"d{axes_text(self.dilations)}"
        return text + ("c" if self.ceil_mode else "")

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        most = tuple(k // 2 for k in self.kernel_size)
        if any(p > m for p, m in zip(self.padding, most, strict=True)):
            fixed = replace(self, padding=tuple(map(min, self.padding, most)))
            yield Problem(
                "NET306",
                f"the padding of `{self.code}` is more than half of its kernel: some windows would hold nothing else",
                expected=f"a padding of at most {axes_text(most)}",
                found=f"a padding of {axes_text(self.padding)}",
                help=f"write `{fixed.code}`",
                replacement=fixed.code,
            )
        else:
            yield from kernel_problems(self, self.windows, x)

    def warnings(self, x: FeatureMap) -> Iterator[Problem]:
        yield from unread_problem(self, self.windows, x, replace(self, ceil_mode=True))

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(x.channels, tuple(size))

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)


@layer("max_pool", letter="P", aliases={"M": {}, "MP": {}})
@record
class MaxPool(Pool):
    """Max pooling; the padding never wins, since it counts as minus infinity.

    Shape:  (channels, *size) -> (channels, *size'), axis by axis from `Window.output_size`
    Params: 0
    MACs:   0
    Errors: NET303 for a wrong number of axes, NET304 when the window is larger than the padded input, NET305 for half
            padding of an even kernel, NET306 for a padding of more than half the kernel; NET350 warns of unread pixels
    Source: Dumoulin & Visin, arXiv:1603.07285, section 3; `ceil_mode` and the limit of the padding are torch's
    """

    dilation: tuple[int, ...]

    signature = (KERNEL_SIZE, STRIDE, VALID, Attribute("dilation", AXES, 1), CEIL_MODE)

    @property
    def dilations(self) -> tuple[int, ...]:
        return self.dilation

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 8 * self.output(x).numel  # where each maximum came from, as int64

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[len(x.size) - 1](**asdict(self))


@layer("avg_pool", letter="A", aliases={"AP": {}})
@record
class AvgPool(Pool):
    """Average pooling; the divisor counts the padding unless `count_padding=false`, as torch's count_include_pad.

    Shape:  (channels, *size) -> (channels, *size'), axis by axis from `Window.output_size`
    Params: 0
    MACs:   0
    Errors: NET303 for a wrong number of axes, NET304 when the window is larger than the padded input, NET305 for half
            padding of an even kernel, NET306 for a padding of more than half the kernel; NET350 warns of unread pixels
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B, without the
            trained coefficient
    """

    count_padding: bool

    signature = (KERNEL_SIZE, STRIDE, VALID, CEIL_MODE, Attribute("count_padding", FLAG, True))

    @property
    def code(self) -> str:
        if self.count_padding:
            return super().code
        given = {"kernel_size": self.kernel_size, **self.given}
        if self.stride == self.kernel_size:
            del given["stride"]
        if not any(self.padding):
            del given["padding"]
        return call_text(self.name, self.numbers, given)

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if len(x.size) < 3 or all(k <= n for k, n in zip(self.kernel_size, x.size, strict=True)):
            yield from super().problems(x)
        else:
            smaller = with_fitting_kernel(replace(self, padding=(0, 0, 0)), self.windows, x.size)
            yield Problem(
                "NET304",
                f"the kernel of `{self.code}` is larger than its input without the padding",
                expected=f"an input of at least {axes_text(self.kernel_size)} pixels: torch's rule for three axes",
                found=str(x),
                help=f"write `{smaller.code}`, a kernel that fits",
                replacement=smaller.code,
            )

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        numbers = asdict(self)
        numbers["count_include_pad"] = numbers.pop("count_padding")
        return (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[len(x.size) - 1](**numbers)


@layer("global_avg_pool", letter="G", aliases={"GAP": {}})
@record
class GlobalAvgPool(Layer):
    """The average of each channel over the whole map; a map of one pixel, so a vector too, stays as it is.

    Shape:  (channels, *size) -> (channels, 1, ...), one pixel on each axis
    Params: 0
    MACs:   0
    Errors: none
    Source: Lin et al. 2013, arXiv:1312.4400, section 3.2
    """

    is_pool = True
    takes_vector = False
    passes_mean = True

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.channels, (1,) * len(x.size))

    def reach(self, x: FeatureMap) -> Reach:
        return "whole map"

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[len(x.size) - 1](1)
