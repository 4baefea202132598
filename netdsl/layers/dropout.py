"""Dropout, of single numbers and of whole channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import PROBABILITY, Attribute
from netdsl.layers.base import Layer, layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module

P = Attribute("p", PROBABILITY, 0.5)


@layer("dropout", letter="D")
@record
class Dropout(Layer):
    """Sets numbers to zero with probability p while training and scales the rest up by 1 / (1 - p).

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 10
    """

    p: float

    signature = (P,)
    numbers = ("p",)
    passes_mean = True

    @property
    def vanishes(self) -> bool:
        return not self.p

    def scratch_bytes(self, x: FeatureMap) -> int:
        return x.numel if self.p else 0  # a mask of bools, as on a GPU; on a CPU torch keeps floats

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Dropout(self.p)


@layer("spatial_dropout")
@record
class SpatialDropout(Layer):
    """Dropout of whole channels; of a vector's numbers it is plain dropout.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Tompson et al. 2014, arXiv:1411.4280, section 3.2
    """

    p: float

    signature = (P,)
    numbers = ("p",)
    passes_mean = True

    @property
    def vanishes(self) -> bool:
        return not self.p

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 4 * x.channels if self.p else 0

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)[len(x.size)](self.p)
