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
        if len(set(x)) > 1:
            yield branches_problem("add", "branches of one shape", x, "shapes")

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
            yield branches_problem("concat", expected, x, "heights or widths" if flat else "sizes")

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
