"""What a net starts from: node 0 of every network."""

from __future__ import annotations

from netdsl.geometry import FeatureMap
from netdsl.layers.base import Layer
from netdsl.record import record


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
