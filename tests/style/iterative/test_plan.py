"""Sizes from coarse to fine, and how the time of all steps follows from that of one."""

import pytest
import torch

from netdsl.style.iterative.plan import seconds_of_all, sizes_of, tiled
from netdsl.style.iterative.settings import Settings
from netdsl.style.loss.network import loss_network


def test_from_coarse_to_fine() -> None:
    assert sizes_of(Settings()) == (128, 256, 512)
    assert sizes_of(Settings(size=300)) == (150, 300)
    assert sizes_of(Settings(size=512, coarse=False)) == (512,)


def test_time_goes_with_the_pixels(random_weights) -> None:
    network = loss_network(random_weights, ("conv2_1",))
    picture = torch.zeros(1, 3, 96, 128)
    assert seconds_of_all(Settings(steps=10), (128, 256), network, picture, 1.0) == pytest.approx(10 * (1 + 4))


def test_tiles_take_their_time(random_weights) -> None:
    """Twice through the net, once without a gradient: a third more, and what is seen twice at the borders."""
    network = loss_network(random_weights, ("conv2_1",))  # sees 4 pixels beyond its own
    settings = Settings(steps=10, tile=128)
    assert not tiled(settings, 128) and tiled(settings, 256) and not tiled(Settings(), 256)
    seen = (4 * 132 * 132) / (256 * 256)
    found = seconds_of_all(settings, (128, 256), network, torch.zeros(1, 3, 128, 128), 1.0)
    assert found == pytest.approx(10 * (1 + 4 * 4 / 3 * seen))
