"""The first weights of a net."""

from collections import Counter
from collections.abc import Callable
from math import prod, sqrt

import torch
from torch import Tensor, nn

from netdsl.modules.conv_table import ConvTable
from netdsl.modules.linear import LocallyConnected
from netdsl.recipes.inits import IN, UNIFORM, Gaussian, Glorot, He, Init, Lsuv, Torch

_Convolution = nn.modules.conv._ConvNd
_Transposed = nn.modules.conv._ConvTransposeNd
_Weighted = _Convolution | nn.Linear | LocallyConnected | ConvTable

Fan = float | Tensor
"""Of a layer, or of each connection of a ConvTable, in the form of its weight."""


@torch.no_grad()
def initialize(module: nn.Module, init: Init, images: Callable[[], Tensor] | None = None) -> None:
    """Draws the weights of convolutions and linear layers, and sets their biases to 0; the rest stays as it is.

    `torch` is the exception: every layer as it draws itself. `images` gives the normalized batch that `lsuv` looks at.
    """
    for layer in module.modules():
        if isinstance(init, Torch):
            reset = getattr(layer, "reset_parameters", None)
            if callable(reset):
                reset()
        elif isinstance(layer, _Weighted):
            _draw(layer, init)
            if layer.bias is not None:
                layer.bias.zero_()
    if isinstance(init, Lsuv):
        if images is None:
            raise TypeError("`lsuv` needs images to look at")
        _scale_to_unit_variance(module, images())


def fans(layer: nn.Module) -> tuple[Fan, Fan]:
    """Inputs of one unit, and units that one input goes to; strides and borders do not count.

    A group is a layer of its own: torch's own `fan_out` counts the units of all groups, which no input reaches.
    """
    if isinstance(layer, ConvTable):
        readers = Counter(number for row in layer.connections for number in row)
        counts = [readers[number] for row in layer.connections for number in row]
        size = layer.weight.shape[1:]
        return layer.fan_in(), torch.tensor(counts).reshape(-1, *(1,) * len(size)) * prod(size)
    if isinstance(layer, LocallyConnected):
        return layer.weight.shape[1], layer.weight.shape[2] * prod(layer.kernel_size)
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    assert isinstance(layer, _Convolution)
    window = prod(layer.kernel_size)
    return layer.in_channels // layer.groups * window, layer.out_channels // layer.groups * window


def _draw(layer: _Weighted, init: Init) -> None:
    fan_in, fan_out = fans(layer)
    match init:
        case He():
            _fill(layer.weight, 2 / (fan_in if init.fan == IN else fan_out), init.distribution)
        case Glorot():
            _fill(layer.weight, 2 / (fan_in + fan_out), init.distribution)
        case Gaussian():
            layer.weight.normal_(0, init.std)
        case _:
            for matrix in layer.weight if isinstance(layer, LocallyConnected) else (layer.weight,):
                nn.init.orthogonal_(matrix)


def _fill(weight: Tensor, variance: Fan, distribution: str) -> None:
    """One deviation for all numbers, or one for each."""
    deviation = variance.sqrt() if isinstance(variance, Tensor) else sqrt(variance)
    drawn = 1.0 if isinstance(deviation, Tensor) else deviation
    if distribution == UNIFORM:
        weight.uniform_(-sqrt(3) * drawn, sqrt(3) * drawn)
    else:
        weight.normal_(0, drawn)
    if isinstance(deviation, Tensor):
        weight.mul_(deviation)


def _scale_to_unit_variance(module: nn.Module, images: Tensor) -> None:
    """Divides each layer's weights by its output's deviation over the images, in the order in which the layers run.

    One division does it where the paper repeats: biases are 0, so the output is divided by the same number. Dropout
    is off and batch norm passes its input on, as in a net that is new; heads run as they do in training.
    """
    scaled: set[nn.Module] = set()

    def scale(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        deviation = output.var(unbiased=False).sqrt()
        if layer in scaled or not deviation > 0 or not deviation.isfinite():
            return None
        scaled.add(layer)
        assert isinstance(layer, _Weighted)
        layer.weight.div_(deviation)
        return output / deviation

    hooks = [layer.register_forward_hook(scale) for layer in module.modules() if isinstance(layer, _Weighted)]
    trained = module.training
    try:
        module.eval()
        module.training = True  # of the net alone, which gives its heads then; not of the layers
        module(images)
    finally:
        module.train(trained)
        for hook in hooks:
            hook.remove()
