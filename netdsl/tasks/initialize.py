"""The first weights of a net."""

from math import prod, sqrt

import torch
from torch import nn

from netdsl.modules.conv_table import ConvTable
from netdsl.modules.linear import LocallyConnected
from netdsl.recipes.method import Init

_Convolution = nn.modules.conv._ConvNd
_Transposed = nn.modules.conv._ConvTransposeNd


@torch.no_grad()
def initialize(module: nn.Module, init: Init) -> None:
    """Weights of convolutions and linear layers from a normal distribution, their biases 0; the rest stays as it is.

    `he`: standard deviation sqrt(2 / fan_in), which keeps the variance of activations through layers with ReLU.
    Source: He et al., arXiv:1502.01852, equation 10
    """
    for layer in module.modules():
        if init.name == "torch":
            reset = getattr(layer, "reset_parameters", None)
            if callable(reset):
                reset()
        elif isinstance(layer, ConvTable):
            layer.weight.normal_().mul_(init.std or (2 / layer.fan_in()).sqrt())
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, _Convolution | nn.Linear | LocallyConnected):
            layer.weight.normal_(0, init.std or sqrt(2 / fan_in(layer)))
            if layer.bias is not None:
                layer.bias.zero_()


def fan_in(layer: nn.Module) -> int:
    """Inputs of one unit. A transposed convolution's weight stands input channels first; its stride does not count."""
    assert isinstance(layer, _Convolution | nn.Linear | LocallyConnected)
    if isinstance(layer, LocallyConnected):
        return layer.weight.shape[1]
    if isinstance(layer, _Transposed):
        return layer.in_channels // layer.groups * prod(layer.kernel_size)
    return prod(layer.weight.shape[1:])
