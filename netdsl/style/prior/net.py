"""The net that a picture is restored with, laid out for the picture's size."""

from dataclasses import dataclass

import torch
from torch import nn

from netdsl.compiler import compile_network
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.lowering import to_torch
from netdsl.style.prior.settings import NET, NET_SETTINGS, Settings

COLOURS = 3


@dataclass(frozen=True, slots=True)
class PriorNet:
    """A net with random weights in training mode, from noise of `network.input`'s shape to 3 x the same size.

    Its size is the picture's or larger; what lies beyond the picture is cut off on the right and below.
    """

    network: Network
    module: nn.Module


def prior_net(settings: Settings, size: tuple[int, int]) -> PriorNet:
    """The net for pictures of a height and width, with the weights that the seed gives.

    Errors: DiagnosticsError with NET662 for a net that gives no such picture, those of the net's text
    """
    text = settings.net or NET
    given = {**({} if settings.net else NET_SETTINGS), **settings.net_settings}
    whole = compile_network(text, given)
    if len(whole.input.size) != len(size) or whole.conditions or whole.heads:
        _unfit(whole, f"{whole.input}{' and more' if whole.conditions or whole.heads else ''}")
    height, width = (_room(whole, axis, pixels) for axis, pixels in enumerate(size))
    network = whole
    if (height, width) != whole.input.size:
        image = FeatureMap(whole.input.channels, (height, width))
        network = compile_network(text, given, image)
    if network.output != FeatureMap(COLOURS, (height, width)):
        _unfit(whole, f"{network.output} for {network.input}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        module: nn.Module = to_torch(network)
    return PriorNet(network, module.train())


def _room(network: Network, axis: int, pixels: int) -> int:
    """The smallest size that the net takes along an axis, from the picture's on."""
    if network.open_sizes is not None:
        for rule in network.open_sizes.rules.values():
            if axis in rule.axes:
                least = max(pixels, rule.smallest)
                return next(size for size in range(least, least + rule.least + rule.step) if rule.holds(size))
    there = network.input.size[axis]
    if there < pixels:
        fail(
            "NET662",
            f"`{network.name}` is too small for the picture",
            expected=f"{pixels} pixels or more, or a size left open: input {network.input.channels}xHxW",
            found=f"{network.input}",
        )
    return there


def _unfit(network: Network, found: str) -> None:
    fail(
        "NET662",
        f"`{network.name}` cannot be fitted to a picture",
        expected="from noise, such as input 32xHxW, to a picture of that size, 3xHxW, and nothing else",
        found=found,
        note="nets/deep_image_prior.net is one",
    )
