"""Nonlinearities, one number at a time, and the softmax over the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import FLAG, NUMBER, POSITIVE, Attribute, word
from netdsl.layers.base import Layer, layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("relu", letter="R", aliases={"relu6": {"maximum": 6}})
@record
class ReLU(Layer):
    """max(x, 0), or with a maximum min(max(x, 0), maximum).

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Nair & Hinton 2010; with a maximum of 6 Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"
    """

    maximum: float | None

    signature = (Attribute("maximum", POSITIVE, None),)
    numbers = ("maximum",)

    @property
    def saves_input(self) -> bool:
        return self.maximum is not None

    @property
    def saves_output(self) -> bool:
        return self.maximum is None

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        if self.maximum is None:
            return nn.ReLU()
        return nn.ReLU6() if self.maximum == 6 else nn.Hardtanh(0.0, float(self.maximum))


@layer("tanh")
@record
class Tanh(Layer):
    """scale * tanh(x).

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: LeCun et al. 1998, "Efficient BackProp", section 4.4, with 1.7159; Johnson et al. 2016 end with 150
    """

    scale: float

    signature = (Attribute("scale", NUMBER, 1),)

    @property
    def saves_output(self) -> bool:
        return self.scale == 1

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 0 if self.scale == 1 else 4 * x.numel  # tanh(x) before it is scaled

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        from netdsl.modules.activation import ScaledTanh

        return nn.Tanh() if self.scale == 1 else ScaledTanh(self.scale)


@layer("sigmoid")
@record
class Sigmoid(Layer):
    """1 / (1 + exp(-x)).

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: the logistic function
    """

    saves_output = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Sigmoid()


@layer("leaky_relu")
@record
class LeakyReLU(Layer):
    """x above zero, negative_slope * x below.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Maas et al. 2013, "Rectifier nonlinearities improve neural network acoustic models"
    """

    negative_slope: float

    signature = (Attribute("negative_slope", NUMBER, 0.01),)
    numbers = ("negative_slope",)
    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.LeakyReLU(self.negative_slope)


@layer("prelu")
@record
class PReLU(Layer):
    """A leaky ReLU that learns its slope: one for all channels, or one for each with per_channel=true.

    Shape:  unchanged
    Params: 1, or channels
    MACs:   0
    Errors: none
    Source: He et al. 2015, arXiv:1502.01852, section 2.1
    """

    init: float
    per_channel: bool

    signature = (Attribute("init", NUMBER, 0.25), Attribute("per_channel", FLAG, False))
    saves_input = True

    def params(self, x: FeatureMap) -> int:
        return x.channels if self.per_channel else 1

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.PReLU(self.params(x), init=self.init)


@layer("elu")
@record
class ELU(Layer):
    """x above zero, alpha * (exp(x) - 1) below.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Clevert et al. 2015, arXiv:1511.07289
    """

    alpha: float

    signature = (Attribute("alpha", POSITIVE, 1),)
    numbers = ("alpha",)
    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.ELU(self.alpha)


@layer("gelu")
@record
class GELU(Layer):
    """x times the normal distribution's share below x, or its approximation by a tanh.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Hendrycks & Gimpel 2016, arXiv:1606.08415
    """

    approximate: str

    signature = (Attribute("approximate", word("none", "tanh"), "none"),)
    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.GELU(self.approximate)


@layer("silu")
@record
class SiLU(Layer):
    """x * sigmoid(x), called swish as well.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Elfwing et al. 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941
    """

    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.SiLU()


@layer("hardswish")
@record
class Hardswish(Layer):
    """x * relu6(x + 3) / 6.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2
    """

    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Hardswish()


@layer("hardsigmoid")
@record
class Hardsigmoid(Layer):
    """relu6(x + 3) / 6.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2
    """

    saves_input = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Hardsigmoid()


@layer("softmax", letter="S")
@record
class Softmax(Layer):
    """exp(x) over the sum of exp over the channels, pixel by pixel.

    Shape:  unchanged
    Params: 0
    MACs:   0
    Errors: none
    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs"
    """

    saves_output = True

    def lower(self, x: FeatureMap) -> Module:
        from torch import nn

        return nn.Softmax(dim=1)
