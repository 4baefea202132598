"""Numbers as grey levels, and tiles side by side."""

import numpy as np
import torch

from netdsl.data import Normalization
from netdsl.seeing.gradients.arrays import around_grey, denormalized, enlarged, limits, magnitudes, mosaic


def test_signed_numbers_lie_around_grey() -> None:
    found = around_grey(torch.tensor([[[0.0, 2]], [[-2, 1]], [[0.5, 0]]]))
    assert found.shape == (1, 2, 3) and found.dtype == np.uint8
    assert found.tolist() == [[[128, 0, 159], [255, 191, 128]]]
    many = torch.linspace(-1, 1, 1001).view(1, 7, 143)
    clipped = around_grey(many, 0.9)
    assert clipped.min() == 0 and clipped.max() == 255 and 0.08 < np.isin(clipped, (0, 255)).mean() < 0.13
    assert around_grey(torch.zeros(1, 2, 2)).tolist() == [[[128] * 3] * 2] * 2


def test_a_hundredth_of_the_pixels_may_be_brighter_than_white() -> None:
    values = torch.arange(1000.0).view(20, 50)
    values[0, 0] = 1e9
    found = magnitudes(values)
    assert found.max() == 1 and (found == 1).mean() <= 0.012
    assert found[10, 0] == np.float32(500 / 990)
    lonely = torch.zeros(20, 50)
    lonely[3, 4] = 2
    assert magnitudes(lonely).max() == 1 and magnitudes(torch.zeros(4, 4)).max() == 0


def test_back_from_the_nets_numbers_to_bytes() -> None:
    normalization = Normalization((120.0, 0.0, 255.0), (60.0, 255.0, 10.0))
    images = torch.randint(0, 256, (2, 3, 5, 5), generator=torch.Generator().manual_seed(0)).byte()
    assert torch.equal(denormalized(normalization(images), normalization), images)
    low, high = limits(normalization, torch.zeros(1))
    torch.testing.assert_close(low.flatten(), torch.tensor([-2, 0, -25.5]))
    torch.testing.assert_close(high.flatten(), torch.tensor([2.25, 1, 0]))
    outside = torch.full((1, 3, 1, 1), 99.0)
    assert denormalized(outside, normalization).flatten().tolist() == [255, 255, 255]


def test_tiles_side_by_side() -> None:
    tiles = np.arange(1, 4)[:, None, None] * np.ones((3, 2, 3), np.float32)
    assert mosaic(tiles, 2, 0).tolist() == [
        *([[1, 1, 1, 0, 0, 2, 2, 2]] * 2),
        *([[0] * 8] * 2),
        *([[3, 3, 3, 0, 0, 0, 0, 0]] * 2),
    ]
    coloured = np.zeros((4, 2, 2, 3), np.uint8)
    assert mosaic(coloured, 2, 9).shape == (6, 6, 3) and (mosaic(coloured, 2, 9)[2:4] == 9).all()
    assert enlarged(tiles, 2).shape == (3, 4, 6) and enlarged(coloured, 3).shape == (4, 6, 6, 3)
