"""Transposed convolution over one, two or three spatial axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from math import prod
from typing import TYPE_CHECKING, Any

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, TransposedWindow
from netdsl.layers.attributes import AXES, COUNT, PIXELS, Attribute, Value
from netdsl.layers.base import Reach, axes_problems, axes_text, call_text, layer, spread
from netdsl.layers.conv import SIGNATURE, Filters
from netdsl.layers.windows import resolve_padding, typed
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


def same_padding(
    kernel_size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Padding and output padding that make the output exactly size * stride."""
    excess = [d * (k - 1) + 1 - s for k, s, d in zip(kernel_size, stride, dilation, strict=True)]
    padding = tuple(max(0, -(-e // 2)) for e in excess)
    return padding, tuple(2 * p - e for p, e in zip(padding, excess, strict=True))


@layer("conv_transpose", letter="T")
@record
class ConvTranspose(Filters):
    """Transposed convolution: the gradient of a convolution with regard to its input, with weights of its own.

    Shape:  `s` gives size * stride, `v` (size - 1) * stride + extent; see `TransposedWindow.output_size`
    Params: in_channels * out_channels / groups * prod(kernel_size) + out_channels * bias
    MACs:   prod(size) * in_channels * out_channels / groups * prod(kernel_size), size that of the input
    Errors: NET302 when groups does not divide both channel counts, NET303 for a wrong number of axes, NET304 when
            nothing is left of the output, NET309 for too large an output padding
    Source: Dumoulin & Visin, arXiv:1603.07285, section 4
    """

    output_padding: tuple[int, ...]

    signature = (
        Attribute("kernel_size", AXES),
        Attribute("out_channels", COUNT),
        *SIGNATURE[2:],
        Attribute("output_padding", PIXELS, None),  # what `s` needs, else 0,
    )

    @property
    def windows(self) -> tuple[TransposedWindow, ...]:
        numbers = (self.kernel_size, self.stride, self.padding, self.dilation, self.output_padding)
        return tuple(map(TransposedWindow, *numbers))

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        yield from axes_problems("conv_transpose", given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> ConvTranspose:
        axes = len(x.size)
        kernel_size, stride = spread(given["kernel_size"], axes), spread(given.get("stride", 1), axes)
        dilation = spread(given.get("dilation", 1), axes)
        groups = given.get("groups", 1)
        padding, output_padding = same_padding(kernel_size, stride, dilation)
        if given.get("padding", "same") != "same":
            padding, output_padding = resolve_padding(given["padding"], kernel_size, dilation), (0,) * axes
        return cls(
            out_channels=given["out_channels"],
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=x.channels if groups == "depthwise" else groups,
            bias=given.get("bias"),
            output_padding=spread(given.get("output_padding", output_padding), axes),
        )

    @property
    def code(self) -> str:
        _, usual = self._usual_output_padding
        if self.output_padding == usual:
            return super().code
        given = {key: value for key, value in self.given.items() if key != "bias"}
        return call_text(self.name, self.numbers, given)

    def _padding_code(self) -> str:
        modifier, _ = self._usual_output_padding
        return modifier

    @property
    def _usual_output_padding(self) -> tuple[str, tuple[int, ...]]:
        """The modifier for the padding, and the output padding that comes with it."""
        padding, output_padding = same_padding(self.kernel_size, self.stride, self.dilation)
        if (padding, output_padding) == (self.padding, self.output_padding):
            return "", output_padding
        return f"p{axes_text(self.padding)}" if any(self.padding) else "v", (0,) * len(padding)

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        yield from super().problems(x)
        unpadded = typed(replace(self, padding=(0,) * len(x.size), output_padding=(0,) * len(x.size)))
        limits = tuple(max(s, d) - 1 for s, d in zip(self.stride, self.dilation, strict=True))
        if any(p > most for p, most in zip(self.output_padding, limits, strict=True)):
            yield Problem(
                "NET309",
                f"the output padding of `{self.code}` adds whole pixels that no window writes",
                expected=f"an output padding of at most {axes_text(limits)}, less than the stride or the dilation",
                found=f"an output padding of {axes_text(self.output_padding)}",
                help=f"write `{unpadded}` (no padding)",
                replacement=unpadded,
            )
        elif min(w.output_size(n) for w, n in zip(self.windows, x.size, strict=True)) < 1:
            yield Problem(
                "NET304",
                f"nothing is left of the output of `{self.code}`",
                expected="an output of at least one pixel",
                found=f"input {x}, padding {axes_text(self.padding)}",
                help=f"write `{unpadded}` (no padding)",
                replacement=unpadded,
            )

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(self.out_channels, tuple(size))

    def macs(self, x: FeatureMap) -> int:
        return x.numel * (self.out_channels // self.groups) * prod(self.kernel_size)

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        conv = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[len(x.size) - 1]
        numbers: dict[str, Any] = asdict(self)
        numbers["bias"] = self.bias is not False
        return conv(in_channels=x.channels, **numbers)

    def _weight_shape(self, x: FeatureMap) -> tuple[int, ...]:
        return (x.channels, self.out_channels // self.groups, *self.kernel_size)
