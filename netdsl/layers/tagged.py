"""Layers that name another place of the net by its tag: crop, unpool, tied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Slide
from netdsl.layers.attributes import FLAG, TAG, Attribute, Value
from netdsl.layers.base import Layer, Reach, layer
from netdsl.layers.conv import Conv
from netdsl.layers.conv_transpose import ConvTranspose
from netdsl.layers.pool import MaxPool
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

Maps = tuple[FeatureMap, FeatureMap]


@layer("crop")
@record
class Crop(Layer):
    """The middle of a map, as large as the tensor of a tag; where a side must lose one pixel more, the end does.

    Shape:  (channels, *size) -> (channels, *size of the tag's tensor)
    Params: 0
    MACs:   0
    Errors: NET314 when the tag's tensor is larger, or has another number of axes
    Source: Ronneberger et al. 2015, arXiv:1505.04597, section 2
    """

    like: str

    signature = (Attribute("like", TAG),)
    numbers = ("like",)
    names_place = "output"
    takes_vector = False
    passes_mean = True

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Crop:
        return cls(str(given["like"]))

    @classmethod
    def sees(cls, given: Mapping[str, Value], x: FeatureMap) -> Maps:
        return x, given["like"].output

    def problems(self, x: Maps) -> Iterator[Problem]:
        large, like = x
        if len(large.size) != len(like.size) or any(n < m for n, m in zip(large.size, like.size, strict=True)):
            yield Problem(
                "NET314",
                f"there is nothing of that size in the middle of what `{self.code}` crops",
                expected=f"a map of at least {_size(like)}, the size of {self.like}",
                found=str(large),
            )

    def output(self, x: Maps) -> FeatureMap:
        return FeatureMap(x[0].channels, x[1].size)

    def reach(self, x: Maps) -> Reach:
        return tuple(Slide(0, 1, (n - m) // 2) for n, m in zip(x[0].size, x[1].size, strict=True))

    def lower(self, x: Maps) -> Module:
        from netdsl.modules.tagged import Crop as Cropped

        return Cropped()


@layer("unpool")
@record
class Unpool(Layer):
    """Max unpooling: each number back to the place that its max pool took it from, zeros elsewhere.

    Shape:  (channels, *size after the pool) -> (channels, *size before the pool)
    Params: 0
    MACs:   0
    Errors: NET313 when the tag names no max pool, NET314 when what comes in is not shaped as the pool's output
    Source: Zeiler, Taylor & Fergus 2011, "Adaptive deconvolutional networks for mid and high level feature learning",
            section 2; the textbook chapter's section 8.5.2
    """

    pool: str
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    ceil_mode: bool

    signature = (Attribute("pool", TAG),)
    numbers = ("pool",)
    names_place = "input"
    place_is = "max_pool"
    takes_vector = False

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        pool = given["pool"]
        if not isinstance(pool.layer, MaxPool):
            yield _wrong_place("unpool", "a max pool, such as `P @p1`", pool.text, pool.layer.code)
        elif set(pool.layer.dilation) != {1}:
            yield _wrong_place("unpool", "a max pool without dilation", pool.text, pool.layer.code)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Unpool:
        pool = given["pool"].layer
        return cls(str(given["pool"]), pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode)

    @classmethod
    def sees(cls, given: Mapping[str, Value], x: FeatureMap) -> Maps:
        return x, given["pool"].x

    @property
    def given(self) -> dict[str, Value]:
        return {"pool": self.pool}

    def problems(self, x: Maps) -> Iterator[Problem]:
        pooled = self._pool.output(x[1])
        if x[0] != pooled:
            yield Problem(
                "NET314",
                f"`{self.code}` takes what its pool gave: one number for each place of a maximum",
                expected=f"{pooled}, the output of {self.pool}",
                found=str(x[0]),
            )

    def output(self, x: Maps) -> FeatureMap:
        return x[1]

    def reach(self, x: Maps) -> Reach:
        steps = [Fraction(1, s) for s in self.stride]
        windows = zip(steps, self.kernel_size, self.padding, strict=True)
        return tuple(Slide(0, t, (p - k + 1) * t, (k - 1) * t) for t, k, p in windows)

    def scratch_bytes(self, x: Maps) -> int:
        return 8 * x[0].numel  # where each maximum came from, as int64

    def lower(self, x: Maps) -> Module:
        from netdsl.modules.tagged import Unpool as Unpooled

        return Unpooled(self.kernel_size, self.stride, self.padding, self.ceil_mode)

    @property
    def _pool(self) -> MaxPool:
        ones = (1,) * len(self.kernel_size)
        return MaxPool(self.kernel_size, self.stride, self.padding, self.ceil_mode, ones)


@layer("tied")
@record
class Tied(ConvTranspose):
    """The transpose of a convolution of this net, with that convolution's weights and a bias of its own.

    Shape:  what the convolution takes, where it has the size that the convolution gives
    Params: out_channels * bias
    MACs:   as the convolution's transpose, see `ConvTranspose`
    Errors: NET313 when the tag names no convolution, NET314 when the channels are not those that the convolution gives
    Source: Masci et al. 2011, "Stacked convolutional auto-encoders for hierarchical feature extraction", section 3;
            the textbook chapter's section 8.5.2
    """

    conv: str
    in_channels: int

    signature = (Attribute("conv", TAG), Attribute("bias", FLAG, None))
    numbers: ClassVar[tuple[str, ...]] = ("conv",)
    names_place = "weights"
    place_is = "conv"

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        conv = given["conv"]
        if not isinstance(conv.layer, Conv):
            yield _wrong_place("tied", "a convolution, such as `C3-16 @c1`", conv.text, conv.layer.code)
        elif len(x.size) != len(conv.x.size):
            expected = f"{conv.output}, the output of {conv.text}"
            yield Problem("NET314", "`tied` takes what its convolution gives, back to what it took", expected, str(x))

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Tied:
        place = given["conv"]
        conv: Conv = place.layer
        return cls(
            out_channels=place.x.channels,
            kernel_size=conv.kernel_size,
            stride=conv.stride,
            padding=conv.padding,
            dilation=conv.dilation,
            groups=conv.groups,
            bias=given.get("bias"),
            output_padding=(0,) * len(x.size),
            conv=str(place),
            in_channels=conv.out_channels,
        )

    @classmethod
    def sees(cls, given: Mapping[str, Value], x: FeatureMap) -> Maps:
        return x, given["conv"].x

    @property
    def code(self) -> str:
        return f"tied({self.conv})"

    @property
    def given(self) -> dict[str, Value]:
        return {"conv": self.conv}

    def problems(self, x: Any) -> Iterator[Problem]:
        if x[0].channels != self.in_channels:
            yield Problem(
                "NET314",
                f"`{self.code}` has the weights of a convolution that gives other channels",
                expected=f"{self.in_channels} channels, as {self.conv} gives",
                found=str(x[0]),
            )

    def output(self, x: Any) -> FeatureMap:
        """Pixels that the convolution's stride left over are put back, as the output padding of the transpose."""
        size = []
        for window, n, before in zip(self.windows, x[0].size, x[1].size, strict=True):
            left_over = (before + 2 * window.padding - window.extent) % window.stride
            size.append(window.output_size(n) + left_over)
        return FeatureMap(self.out_channels, tuple(size))

    def params(self, x: Any) -> int:
        return self.out_channels if self.bias is not False else 0

    def macs(self, x: Any) -> int:
        return super().macs(x[0])

    def lower(self, x: Any) -> Module:
        from netdsl.modules.tagged import TiedConvTranspose

        return TiedConvTranspose(
            self.out_channels, self.stride, self.padding, self.dilation, self.groups, bias=self.bias is not False
        )


def _wrong_place(name: str, expected: str, tag: str, found: str) -> Problem:
    return Problem("NET313", f"`{name}` needs the tag of another kind of layer", expected, f"{tag}, which is `{found}`")


def _size(x: FeatureMap) -> str:
    return "x".join(map(str, x.size))
