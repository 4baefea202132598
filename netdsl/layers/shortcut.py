"""What residual units need on their way: a shortcut without parameters, and a body that is dropped at random."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import AXES, COUNT, PROBABILITY, Attribute, Value
from netdsl.layers.base import Layer, Reach, axes_problems, layer, spread
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("subsample")
@record
class Subsample(Layer):
    """Every stride-th pixel, with zeros for the channels that are new: a shortcut without parameters.

    Shape:  (in_channels, *size) -> (out_channels, *ceil(size / stride))
    Params: 0
    MACs:   0
    Errors: NET302 when out_channels is below in_channels
    Source: He et al. 2015, arXiv:1512.03385, section 3.3, option A
    """

    out_channels: int
    stride: tuple[int, ...]

    signature = (Attribute("out_channels", COUNT), Attribute("stride", AXES, 1))
    numbers = ("out_channels", "stride")
    passes_mean = True

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        yield from axes_problems("subsample", given, x)

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Subsample:
        return cls(given["out_channels"], spread(given.get("stride", 1), len(x.size)))

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(Window(1, stride) for stride in self.stride)

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if self.out_channels < x.channels:
            yield Problem(
                "NET302",
                f"`{self.code}` would drop channels",
                expected=f"out_channels from {x.channels}",
                found=f"out_channels={self.out_channels}",
            )

    def output(self, x: FeatureMap) -> FeatureMap:
        size = (window.output_size(n) for window, n in zip(self.windows, x.size, strict=True))
        return FeatureMap(self.out_channels, tuple(size))

    def reach(self, x: FeatureMap) -> Reach:
        return tuple(window.slide for window in self.windows)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.shortcut import Subsample as Sparse

        return Sparse(self.out_channels - x.channels, self.stride)


@layer("drop_path")
@record
class DropPath(Layer):
    """Sets all of an image's numbers to zero with probability p while training, and scales the rest by 1 / (1 - p).

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Huang et al. 2016, arXiv:1603.09382, section 3
    """

    p: float

    signature = (Attribute("p", PROBABILITY),)
    numbers = ("p",)

    @property
    def vanishes(self) -> bool:
        return not self.p

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 4

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.shortcut import DropPath as Dropped

        return Dropped(self.p)
