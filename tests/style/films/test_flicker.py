"""Less flicker where nothing moves, and no trail where something does."""

from itertools import pairwise

import pytest
import torch

from netdsl.diagnostics import InternalError
from netdsl.style.films.flicker import Smooth, stillness


def scene(height=40, width=56):
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([rows * 3.0, columns * 3.0, (rows + columns) % 16 * 8.0])[None] + 40


def noisy(seed, deviation=3.0):
    return scene() + torch.randn(1, 3, 40, 56, generator=torch.Generator().manual_seed(seed)) * deviation


def boiling(x):
    """A net that makes much of little."""
    return 128 + 100 * torch.sin(x / 8)


def flicker(frames):
    return float(torch.stack([(a - b).abs().mean() for a, b in pairwise(frames)]).mean())


@pytest.mark.parametrize(("share", "most"), [(0.5, 0.55), (0.8, 0.25)])
def test_a_still_scene_flickers_less(share, most) -> None:
    plain = [boiling(noisy(seed)) for seed in range(12)]
    smooth = Smooth(boiling, share)
    made = [smooth(noisy(seed)) for seed in range(12)]
    assert flicker(made[4:]) < most * flicker(plain[4:])


def test_the_noise_falls_as_a_recursive_filters_does() -> None:
    share, painter = 0.5, Smooth(lambda x: x, 0.5)
    seen = []
    painter.paint = lambda x: seen.append(x) or x
    for seed in range(40):
        painter(noisy(seed, 1.0))
    left = torch.stack([x - scene() for x in seen[10:]]).square().mean()
    assert left == pytest.approx((1 - share) / (1 + share), rel=0.05)


def test_what_moves_leaves_no_trail() -> None:
    first, second = torch.full((1, 3, 40, 56), 60.0), torch.full((1, 3, 40, 56), 60.0)
    first[..., 10:20, 5:15] = 250
    second[..., 10:20, 35:45] = 250
    smooth = Smooth(lambda x: x, 0.9)
    smooth(first)
    made = smooth(second)
    assert torch.allclose(made[..., 12:18, 7:13], second[..., 12:18, 7:13])
    assert torch.allclose(made[..., 12:18, 37:43], second[..., 12:18, 37:43])


def test_a_cut_begins_anew() -> None:
    smooth = Smooth(lambda x: x, 0.9)
    smooth(scene())
    assert torch.equal(smooth(255 - scene() * 0.2), 255 - scene() * 0.2)
    small = scene(20, 20)
    assert torch.equal(smooth(small), small)  # another size too


def test_stillness_is_between_none_and_all() -> None:
    assert torch.equal(stillness(scene(), scene()), torch.ones(1, 1, 40, 56))
    assert torch.equal(stillness(scene(), scene() + 60), torch.zeros(1, 1, 40, 56))
    assert stillness(scene(), scene() + 6).allclose(torch.tensor(0.5))


def test_no_share_is_no_mixing() -> None:
    smooth = Smooth(boiling, 0.0)
    smooth(noisy(1))
    assert torch.equal(smooth(noisy(2)), boiling(noisy(2)))
    with pytest.raises(InternalError):
        Smooth(boiling, 1.0)
