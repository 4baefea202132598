"""How a convolution is worked out where a net only infers: what counts is the processor's time. No torch."""

from collections.abc import Sequence
from math import prod

from netdsl.geometry import Blocks, Phases

LANES = 16
"""Filters that a processor with AVX-512 works out in the time of one."""
MOST = 4
LEAST_GAIN = 1.5
"""Dealing the results out is a pass over the map more."""


def folds(axes: Sequence[Phases]) -> bool:
    """Does a convolution behind an upsampling take fewer products on the small map?"""
    return prod(axis.taps for axis in axes) < prod(axis.kernel_size for axis in axes)


def block(out_channels: int, kernel_size: Sequence[int]) -> int:
    """Side of the square of pixels that one step should give; 1 where the convolution is best as it is."""
    costs = {side: _products(out_channels, kernel_size, side) for side in range(1, MOST + 1)}
    best = min(costs, key=lambda side: costs[side])
    return best if LEAST_GAIN * costs[best] <= costs[1] else 1


def _products(out_channels: int, kernel_size: Sequence[int], side: int) -> float:
    """Of a pixel and an input channel, those with nothing in unused lanes included."""
    lanes: int = -(-out_channels * side * side // LANES) * LANES
    return lanes * prod(Blocks(side, size).taps for size in kernel_size) / side**2
