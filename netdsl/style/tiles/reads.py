"""Which part of a layer's input gives a part of its output, one axis at a time, through the layer's own module.

A module sees a cut of the map as if it were a map: at a cut it pads and mirrors what is not there. So the cut reaches
as far as the wanted outputs look, begins where the strides of the whole map begin, and what hung on the padding at a
cut is thrown away. At the borders of the picture the cut ends where the map does, and the padding is the right one.
"""

from dataclasses import dataclass
from fractions import Fraction

from netdsl.diagnostics import InternalError
from netdsl.geometry import FeatureMap, Slide
from netdsl.layers import Layer
from netdsl.layers.resize import Pad

Interval = tuple[int, int]
"""The first place on an axis, and the one behind the last."""
Region = tuple[Interval, Interval]
"""Rows and columns of a map."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The inputs from `first` to before `last`; the wanted outputs begin `skip` places into what the module makes."""

    first: int
    last: int
    skip: int


def cut(layer: Layer, slide: Slide, x: FeatureMap, axis: int, wanted: Interval) -> Cut:
    """What of `x`, along one axis, a windowed layer needs for these outputs."""
    n = x.size[axis]
    begin, end = slide.read(wanted[0], wanted[1] - 1)
    first, last = min(max(0, begin), n - 1), max(min(n, end + 1), 1)
    if isinstance(layer, Pad) and layer.mode == "reflect":
        padding = layer.padding[axis]
        if wanted[0] < padding:
            last = max(last, min(n, padding - wanted[0] + 1))
        if wanted[1] > n + padding:
            first = min(first, max(0, n - 1 - (wanted[1] - n - padding)))
    unit = Fraction(slide.step).numerator
    first -= first % unit
    while _offset(slide, first) > wanted[0]:  # an output between what a transposed convolution writes
        first -= unit
    while not _covers(layer, slide, x, axis, (first, last), wanted):
        if (first, last) == (0, n):
            raise InternalError(f"{layer.code} does not give {wanted} of {x}")
        first, last = (first, last + 1) if last < n else (max(0, first - unit), last)
    return Cut(first, last, wanted[0] - _offset(slide, first))


def _offset(slide: Slide, first: int) -> int:
    """The place, in the whole output, of the first output of a cut."""
    return int(first / Fraction(slide.step))


def _covers(layer: Layer, slide: Slide, x: FeatureMap, axis: int, inputs: Interval, wanted: Interval) -> bool:
    """The layer takes a map of that length, and gives enough of it."""
    size = list(x.size)
    size[axis] = inputs[1] - inputs[0]
    part = FeatureMap(x.channels, tuple(size))
    if next(layer.problems(part), None) is not None:
        return False
    return _offset(slide, inputs[0]) + layer.output(part).size[axis] >= wanted[1]
