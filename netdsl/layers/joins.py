"""Joins: layers that take the outputs of several branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers.base import Layer, layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

FeatureMaps = tuple[FeatureMap, ...]


def branches_problem(join: str, expected: str, found: FeatureMaps, message: str) -> Problem:
    """The branches of a join do not fit each other (NET301)."""
    unlike = list(dict.fromkeys(map(str, found)))
    text = " and ".join([", ".join(unlike[:-1]), unlike[-1]] if len(unlike) > 1 else unlike)
    return Problem("NET301", f"the branches of `{join}` have different {message}", expected=expected, found=text)


def unlike_problem(join: str, x: FeatureMaps) -> Iterator[Problem]:
    """All branches must have one shape (NET301)."""
    if len(set(x)) > 1:
        yield branches_problem(join, "branches of one shape", x, "shapes")


@layer("add")
@record
class Add(Layer):
    """The sum of the branches.

    Shape:  all branches alike; unchanged
    Params: 0
    MACs:   0
    Errors: NET301 when the branches have different shapes
    Source: He et al. 2015, arXiv:1512.03385, section 3.2
    """

    is_join = True
    passes_mean = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        yield from unlike_problem("add", x)

    def output(self, x: FeatureMaps) -> FeatureMap:
        return x[0]

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Add as Join

        return Join()


@layer("concat")
@record
class Concat(Layer):
    """The channels of all branches behind each other, in the order written.

    Shape:  all branches of one size; the sum of the channels
    Params: 0
    MACs:   0
    Errors: NET301 when the branches have different sizes
    Source: Szegedy et al. 2014, arXiv:1409.4842, section 4; Huang et al. 2016, arXiv:1608.06993, section 3
    """

    is_join = True
    passes_mean = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        if len({y.size for y in x}) > 1:
            flat = len({len(y.size) for y in x}) == 1 and len(x[0].size) == 2
            expected = "branches of one height and width" if flat else "branches of one size"
            yield branches_problem(self.name, expected, x, "heights or widths" if flat else "sizes")

    def output(self, x: FeatureMaps) -> FeatureMap:
        return FeatureMap(sum(y.channels for y in x), x[0].size)

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Concat as Join

        return Join()


@layer("mul")
@record
class Mul(Layer):
    """The product of the branches, number by number; C or Cx1x1 weighs the channels of CxHxW.

    Shape:  all branches alike, but for those of one pixel; that of the largest
    Params: 0
    MACs:   0
    Errors: NET301 when the branches differ in channels, or in size and none of the two is one pixel
    Source: Hu et al. 2017, arXiv:1709.01507, equation 4
    """

    is_join = True
    saves_input = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        whole = self.output(x)
        fitting = {whole, FeatureMap(whole.channels), FeatureMap(whole.channels, (1,) * len(whole.size))}
        if not fitting.issuperset(x):
            expected = "branches of one shape, or Cx1x1 (or C) against CxHxW"
            yield branches_problem("mul", expected, x, "shapes")

    def output(self, x: FeatureMaps) -> FeatureMap:
        return max(x, key=lambda y: (y.numel // y.channels, len(y.size)))

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Mul as Join

        return Join()


@layer("mean")
@record
class Mean(Layer):
    """The mean of the branches; the compiler makes one mean of a mean directly inside a mean.

    Shape:  all branches alike; unchanged
    Params: 0
    MACs:   0
    Errors: NET301 when the branches have different shapes
    Source: Larsson et al. 2016, arXiv:1605.07648, equation 2
    """

    is_join = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        yield from unlike_problem("mean", x)

    def output(self, x: FeatureMaps) -> FeatureMap:
        return x[0]

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Mean as Join

        return Join()


@layer("max")
@record
class Max(Layer):
    """The largest number of the branches, place by place.

    Shape:  all branches alike; unchanged
    Params: 0
    MACs:   0
    Errors: NET301 when the branches have different shapes
    Source: Goodfellow et al. 2013, arXiv:1302.4389, section 3, over branches in place of channels
    """

    is_join = True
    saves_input = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        yield from unlike_problem("max", x)

    def output(self, x: FeatureMaps) -> FeatureMap:
        return x[0]

    def scratch_bytes(self, x: FeatureMaps) -> int:
        return 4 * x[0].numel * (len(x) - 2)  # the maxima of the first two, three, ...

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Max as Join

        return Join()


@layer("gate")
@record
class Gate(Layer):
    """s * a + (1 - s) * b for the branches s, a, b in this order: a highway layer.

    Shape:  all branches alike; unchanged
    Params: 0
    MACs:   0
    Errors: NET301 when the branches have different shapes, NET206 when they are not three
    Source: Srivastava et al. 2015, arXiv:1505.00387, equation 3
    """

    is_join = True
    saves_input = True

    def problems(self, x: FeatureMaps) -> Iterator[Problem]:
        if len(x) != 3:
            yield Problem(
                "NET206",
                "`gate` takes three branches",
                expected="gate { s | a | b }, which gives s*a + (1-s)*b",
                found=f"{len(x)} branches",
            )
        else:
            yield from unlike_problem("gate", x)

    def output(self, x: FeatureMaps) -> FeatureMap:
        return x[1]

    def lower(self, x: FeatureMaps) -> Module:
        from netdsl.modules.joins import Gate as Join

        return Join()


@layer("split")
@record
class Split(Concat):
    """Equal slices of the channels, one a branch, and what the branches make of them behind each other again.

    Shape:  the channels divided by the branches, for each; as `concat` behind them
    Params: 0
    MACs:   0
    Errors: NET302 when the branches do not divide the channels, NET301 as `concat`
    Source: Ma et al. 2018, arXiv:1807.11164, section 3.2; Krizhevsky et al. 2012, figure 2, for towers
    """

    slices = True


@record
class Slice(Layer):
    """One of several equal slices of the channels: what a branch of `split` starts from. It stands in no registry.

    Shape:  (channels, *size) -> (channels / parts, *size)
    Params: 0
    MACs:   0
    Errors: NET302 when the parts do not divide the channels
    Source: the line `split { a | b }`
    """

    index: int
    parts: int

    name = "slice"
    passes_mean = True

    @property
    def code(self) -> str:
        return f"slice {self.index + 1}/{self.parts}"

    def problems(self, x: FeatureMap) -> Iterator[Problem]:
        if x.channels % self.parts:
            yield Problem(
                "NET302",
                f"{self.parts} branches do not divide the channels",
                expected=f"channels divisible by {self.parts}, one slice a branch",
                found=f"{x.channels} channels",
            )

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(x.channels // self.parts, x.size)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.joins import Slice as Part

        return Part(self.index, self.parts)
