"""Sizes of feature maps and what a sliding window does to them, one axis at a time, in plain ints."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, prod


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """Channels and size of one image's feature map; a vector has an empty size. The batch axis is never in it."""

    channels: int
    size: tuple[int, ...] = ()

    @property
    def numel(self) -> int:
        return self.channels * prod(self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, *self.size)

    def __str__(self) -> str:
        return "x".join(map(str, self.shape))


@dataclass(frozen=True, slots=True)
class Window:
    """A window that slides along one axis: a convolution's or a pool's, in pixels.

    Source: Dumoulin & Visin, arXiv:1603.07285, sections 2 and 5; the rule for `ceil_mode` is torch's.
    """

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False

    @property
    def extent(self) -> int:
        """Pixels from the window's first to its last."""
        return self.dilation * (self.kernel_size - 1) + 1

    def fits(self, n: int) -> bool:
        return n + 2 * self.padding >= self.extent

    def output_size(self, n: int) -> int:
        slack = n + 2 * self.padding - self.extent
        if not self.ceil_mode:
            return slack // self.stride + 1
        size = -(-slack // self.stride) + 1
        last_start = (size - 1) * self.stride
        if last_start >= n + self.padding:  # it must start inside the input or its left padding
            size -= 1
        return size

    @property
    def slide(self) -> "Slide":
        return Slide(self.extent - 1, self.stride, -self.padding)

    def unread(self, n: int) -> int:
        """Pixels of the input behind the last window's end: a stride that does not divide leaves them unread."""
        end = (self.output_size(n) - 1) * self.stride + self.extent
        return max(0, n + self.padding - end)


@dataclass(frozen=True, slots=True)
class TransposedWindow:
    """A window that writes in place of reading: the axis of a transposed convolution, in pixels."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    output_padding: int = 0

    @property
    def extent(self) -> int:
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def slide(self) -> "Slide":
        """Output j takes from the inputs i with j = i * stride - padding + dilation * k, k a place of the kernel."""
        step = Fraction(1, self.stride)
        return Slide(
            -(-self.extent // self.stride) - 1,
            step,
            (self.padding - self.extent + 1) * step,
            (self.extent - 1) * step,
        )

    def output_size(self, n: int) -> int:
        return (n - 1) * self.stride - 2 * self.padding + self.extent + self.output_padding


@dataclass(frozen=True, slots=True)
class Slide:
    """What one axis of a layer adds to the receptive field: r_out = r_in + reach * j_in, j_out = j_in * step.

    Output j takes from the inputs between j * step + start and that plus `span`, which is `reach` unless the layer
    writes in place of reading: then the number of inputs differs between outputs.
    Source: the receptive-field arithmetic of Dumoulin & Visin, arXiv:1603.07285; a step below 1 is an upsampling.
    """

    reach: int
    step: int | Fraction
    start: int | Fraction = 0
    span: int | Fraction | None = None

    def read(self, first: int, last: int) -> tuple[int, int]:
        """The first and last input that the outputs `first` to `last` take from, in padding too."""
        span = self.reach if self.span is None else self.span
        begin, end = ceil(first * self.step + self.start), floor(last * self.step + self.start + span)
        return begin, max(begin, end)


@dataclass(frozen=True, slots=True)
class Phases:
    """A window that slides pixel by pixel along an axis on which each pixel stands `scale` times.

    Of the places o with one value of (o - padding) mod scale, a phase, each tap meets the same pixel of the small map.
    So all phases together are one window of `taps` pixels on the small map, which gives `scale` results at each place.
    """

    scale: int
    kernel_size: int
    padding: int = 0
    dilation: int = 1

    @property
    def extent(self) -> int:
        """Enlarged pixels from the window's first to its last, without the first."""
        return self.dilation * (self.kernel_size - 1)

    @property
    def taps(self) -> int:
        return 1 + (self.scale - 1 + self.extent) // self.scale

    def tap(self, phase: int, place: int) -> int:
        """The pixel of the small window that the large one's number `place` meets."""
        return (phase + self.dilation * place) // self.scale

    @property
    def small_padding(self) -> int:
        """Around the small map, the same at both ends, so that the window comes to every place."""
        return max(self._before, self.taps + (self.padding - self.extent - 1) // self.scale, 0)

    @property
    def first(self) -> int:
        """Which of the results in a row is the first of the output."""
        return self.scale * self.small_padding - self.padding

    @property
    def _before(self) -> int:
        return -(-self.padding // self.scale)

    def output_size(self, n: int) -> int:
        """Of a small map of n pixels."""
        return self.scale * n + 2 * self.padding - self.extent


@dataclass(frozen=True, slots=True)
class Blocks:
    """A window that slides pixel by pixel, as a larger one that takes steps of `block` pixels with as many results."""

    block: int
    kernel_size: int
    padding: int = 0

    @property
    def taps(self) -> int:
        return self.kernel_size + self.block - 1

    def output_size(self, n: int) -> int:
        return n + 2 * self.padding - self.kernel_size + 1

    def first(self, n: int) -> int:
        """Which of the results in a row is the first of the output: the last block must be whole."""
        return -self.output_size(n) % self.block
