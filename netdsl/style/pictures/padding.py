"""Pictures of any size for a net that wants multiples of its strides: mirrored at the end, and cut back."""

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.passes.resize import Misfit, Resizer

MOST = 256
"""Pixels that are added to a side at most before a net counts as one that gives no picture of its input's size."""

Size = tuple[int, int]
"""Height and width, pixels."""


def fitting_size(network: Network, size: Size) -> Size:
    """The smallest height and width, from `size` on, at which the net gives a picture as large as what it takes.

    Errors: DiagnosticsError with NET660 for a net that has no such size near
    """
    return _fitting(_Net(network), size)


def mirrored(x: Tensor, size: Size) -> Tensor:
    """... x H x W made `size` by pixels at the bottom and at the right, mirrored at the border pixel, again and again.

    torch's own reflection takes fewer pixels than the picture has only.
    """
    for axis, wanted in zip((-2, -1), size, strict=True):
        have = x.shape[axis]
        if wanted == have:
            continue
        there_and_back = max(1, 2 * have - 2)
        places = torch.arange(wanted, device=x.device) % there_and_back
        x = x.index_select(axis, torch.minimum(places, there_and_back - places))
    return x


def at_any_size(network: Network, paint: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What `paint`, which runs the net, gives for N x C x H x W of any size: padded before, cut back behind.

    Errors: as `fitting_size`
    """
    height, width = x.shape[-2:]
    return paint(mirrored(x, fitting_size(network, (height, width))))[..., :height, :width]


class _Net:
    """A network, known by its identity, so that the sizes found for it are remembered."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._resizer = Resizer(network)

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Net) and other.network is self.network

    def keeps(self, size: Size) -> bool:
        """The net takes this size, and gives a picture of it."""
        image = FeatureMap(self.network.input.channels, size)
        maps = self._resizer.maps(image)
        return not isinstance(maps, Misfit) and maps[self.network.output_node] == image


@lru_cache(64)  # a film asks for one size over and over
def _fitting(net: _Net, size: Size) -> Size:
    longer = max(size)
    both = next((n for n in range(longer, longer + MOST) if net.keeps((n, n))), None)
    if both is None:
        fail(
            "NET660",
            f"`{net.network.name}` gives no picture as large as the one it takes",
            expected=f"an output of 3xHxW at some height and width from {longer} to {longer + MOST} pixels",
            found=f"{net.network.input} to {net.network.output}, and no such size",
        )
    # The axes of a net know nothing of each other, but that a norm wants two pixels in all.
    height = next(n for n in range(size[0], both + 1) if net.keeps((n, both)))
    return height, next(n for n in range(size[1], both + 1) if net.keeps((height, n)))
