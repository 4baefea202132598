"""Reducing by Lanczos's kernel: by hand, and as Pillow does it where Pillow has the kernel."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.style.prior.resample import Reduce, lanczos, reducing


def test_the_kernel_by_hand() -> None:
    x = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, -0.5], dtype=torch.float64)
    half = math.sin(math.pi / 2) / (math.pi / 2) * math.sin(math.pi / 4) / (math.pi / 4)
    three = math.sin(1.5 * math.pi) / (1.5 * math.pi) * math.sin(0.75 * math.pi) / (0.75 * math.pi)
    assert torch.allclose(lanczos(x, 2), torch.tensor([1, half, 0, three, 0, half], dtype=torch.float64), atol=1e-12)


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_three_lobes_are_pillows(factor: int) -> None:
    """Pillow keeps 32 bits a number in mode F."""
    height, width = 48, 72
    given = np.random.default_rng(factor).uniform(0, 255, (height, width)).astype(np.float32)
    small = (width // factor, height // factor)
    expected = np.asarray(Image.fromarray(given).resize(small, Image.Resampling.LANCZOS))
    found = Reduce(height, width, factor, torch.device("cpu"), lobes=3)(torch.from_numpy(given)[None, None])
    assert np.abs(found[0, 0].numpy() - expected).max() < 1e-3


@pytest.mark.parametrize("lobes", [2, 3])
def test_flat_pictures_stay_flat(lobes: int) -> None:
    reduce = Reduce(32, 64, 4, torch.device("cpu"), lobes)
    assert torch.allclose(reduce(torch.full((2, 3, 32, 64), 7.0)), torch.full((2, 3, 8, 16), 7.0))


def test_a_row_by_hand() -> None:
    """Four pixels to two: the kernel's middle lies between the pixels, at 0.25, 0.75, 1.25 and 1.75 output pixels."""
    near = [lanczos(torch.tensor([x], dtype=torch.float64), 2).item() for x in (0.25, 0.75, 1.25)]
    row = torch.tensor([near[0], near[0], near[1], near[2]], dtype=torch.float64)
    assert torch.allclose(reducing(4, 2)[0].double(), row / row.sum(), atol=1e-6)
    assert torch.equal(reducing(4, 2)[1], reducing(4, 2)[0].flip(0))


def test_sizes_that_the_factor_does_not_divide() -> None:
    with pytest.raises(ValueError, match="no multiple of 4"):
        reducing(30, 4)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_the_nearest_picture_that_is_reduced_to_a_given_one(factor: int) -> None:
    """It becomes the given one, and what was moved is nothing that reducing would not see."""
    random = torch.Generator().manual_seed(factor)
    reduce = Reduce(30, 60, factor, torch.device("cpu"))
    picture = 255 * torch.rand(1, 3, 30, 60, generator=random)
    given = 255 * torch.rand(1, 3, 30 // factor, 60 // factor, generator=random)
    nearest = reduce.nearest(picture, given)
    assert torch.allclose(reduce(nearest), given, atol=1e-3)
    assert torch.allclose(reduce.nearest(nearest, given), nearest, atol=1e-3)
    for _ in range(5):
        other = reduce.nearest(255 * torch.rand(1, 3, 30, 60, generator=random), given)
        assert (nearest - picture).square().sum() < (other - picture).square().sum()
    assert torch.allclose(reduce.nearest(picture, reduce(picture)), picture, atol=1e-3)
