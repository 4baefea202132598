"""What comes into a net from outside: its image, which is node 0 of every network, and its conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netdsl.geometry import FeatureMap
from netdsl.layers.base import Layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@record
class Input(Layer):
    """The image: not an op of the language, so it stands in no registry.

    Shape:  that of the feature map it holds
    Params: 0
    MACs:   0
    Errors: none
    Source: the line `input 3x224x224`
    """

    feature_map: FeatureMap

    name = "input"

    @property
    def code(self) -> str:
        return f"input {self.feature_map}"

    def output(self, x: FeatureMap) -> FeatureMap:
        return self.feature_map


@record
class Condition(Layer):
    """A further input: which of so many values holds, as an index or as weights over them. It stands in no registry.

    Shape:  a weight for each value
    Params: 0
    MACs:   0
    Errors: none
    Source: Dumoulin et al. 2017, arXiv:1610.07629, section 2.2
    """

    values: int

    name = "condition"

    @property
    def code(self) -> str:
        return f"condition({self.values})"

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(self.values)

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.condition import Condition as Weights

        return Weights(self.values)
