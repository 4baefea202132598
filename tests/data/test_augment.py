"""Colours, scales, windows and mixtures of whole batches: hand-made arithmetic, and torch and numpy as oracles."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from netdsl.data.augment import (
    CHUNK,
    colour_directions,
    colour_jitter,
    crop,
    mixup,
    pca_noise,
    scale_jitter,
)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(count, height=8, width=8, seed=0):
    return torch.randint(0, 256, (count, 3, height, width), generator=chance(seed)).byte()


def test_every_window_of_a_larger_image_about_equally_often():
    image = torch.arange(3 * 5 * 7, dtype=torch.uint8).view(1, 3, 5, 7)
    made = crop(image.repeat(1500, 1, 1, 1), (3, 4), chance())
    assert made.shape == (1500, 3, 3, 4)
    counts = []
    for top in range(3):
        for left in range(4):
            window = image[:, :, top : top + 3, left : left + 4]
            counts.append(int((made == window).flatten(1).all(1).sum()))
    assert sum(counts) == 1500 and len(counts) == 12
    assert all(80 <= n <= 175 for n in counts)  # 125 expected, a deviation of 11


def test_a_window_as_large_as_the_image():
    images = noise(9)
    assert torch.equal(crop(images, (8, 8), chance()), images)


@pytest.mark.parametrize("side", [8, 12, 16, 6])
def test_a_scale_without_choice_is_torchs_interpolation(side):
    """Where the window is the whole scaled image: bilinear, no averaging before."""
    images = noise(5)
    made = scale_jitter(images, side, side, (side, side), chance())
    expected = interpolate(images.float(), (side, side), mode="bilinear", align_corners=False)
    assert (made.float() - expected).abs().max() <= 0.51


def test_windows_of_a_scaled_image():
    """Of an image that is as large as its scale, they are the windows of `crop`."""
    image = noise(1, 6, 9)
    made = scale_jitter(image.repeat(400, 1, 1, 1), 6, 6, (5, 5), chance())
    windows = [image[:, :, t : t + 5, left : left + 5] for t in range(2) for left in range(5)]
    counts = [int((made == window).flatten(1).all(1).sum()) for window in windows]
    assert sum(counts) == 400 and min(counts) > 15


def test_scales_are_drawn_between_the_two():
    """The image brightens by 1 a column, so how fast a window brightens tells the scale."""
    image = torch.arange(100, dtype=torch.uint8).view(1, 1, 1, 100).expand(600, 3, 100, 100).contiguous()
    made = scale_jitter(image, 100, 200, (60, 60), chance()).float()
    slope = (made[:, 0, 0, -1] - made[:, 0, 0, 0]) / 59
    scale = 1 / slope
    assert scale.min() < 1.05 and scale.max() > 1.9
    assert ((scale > 0.97) & (scale < 2.1)).all()
    assert 1.4 < scale.mean() < 1.6


def test_amounts_of_nothing_change_nothing():
    images = noise(4)
    assert torch.equal(colour_jitter(images, (0, 0, 0), chance()), images)
    assert torch.equal(pca_noise(images, torch.randn(3, 3, generator=chance()), 0, chance()), images)


def test_brightness_is_a_factor():
    images = torch.full((2000, 3, 1, 1), 100, dtype=torch.uint8)
    made = colour_jitter(images, (0.5, 0, 0), chance())[:, 0, 0, 0].float()
    assert 50 <= made.min() < 52 and 148 < made.max() <= 150
    assert made.mean() == pytest.approx(100, abs=2.5)


def test_contrast_keeps_the_mean_and_saturation_each_pixels_grey():
    images = (noise(50).float() * 0.3 + 90).byte()
    before = images.float()
    weights = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    contrast = colour_jitter(images, (0, 0.5, 0), chance()).float()
    grey = (before * weights).sum(1)
    assert ((contrast * weights).sum((1, 2, 3)) - (before * weights).sum((1, 2, 3))).abs().max() / 64 < 0.5
    ratio = ((contrast * weights).sum(1).flatten(1).std(1)) / grey.flatten(1).std(1)
    assert ratio.min() < 0.6 and ratio.max() > 1.4
    saturation = colour_jitter(images, (0, 0, 0.5), chance()).float()
    assert ((saturation * weights).sum(1) - grey).abs().max() < 0.6
    away = (saturation - grey[:, None]).abs().sum((1, 2, 3)) / (before - grey[:, None]).abs().sum((1, 2, 3))
    assert away.min() < 0.6 and away.max() > 1.4


def test_saturation_by_hand():
    """Red 200, green 100, blue 50: grey 124.2. Half as far from it: 162.1, 112.1, 87.1."""
    image = torch.tensor([200, 100, 50], dtype=torch.uint8).view(1, 3, 1, 1)
    for seed in range(20):
        made = colour_jitter(image, (0, 0, 1), chance(seed)).flatten()
        drawn = torch.Generator().manual_seed(seed)
        factor = [2 * torch.rand(1, 1, 1, 1, generator=drawn).item() for _ in range(3)][2]
        expected = [min(255, max(0, 124.2 + factor * (value - 124.2))) for value in (200, 100, 50)]
        assert made.tolist() == [pytest.approx(value, abs=0.51) for value in expected]


def test_directions_are_numpys_eigenvectors():
    images = noise(40, 9, 7) // torch.tensor([1, 2, 3], dtype=torch.uint8).view(3, 1, 1)
    pixels = images.numpy().transpose(1, 0, 2, 3).reshape(3, -1) / 255
    values, vectors = np.linalg.eigh(np.cov(pixels, bias=True))
    found = colour_directions(images).double().numpy() / 255
    for column in range(3):
        expected = vectors[:, column] * values[column]
        assert min(np.abs(found[:, column] - sign * expected).max() for sign in (1, -1)) < 1e-6


def test_directions_of_many_images_in_chunks(monkeypatch):
    images = noise(40)
    whole = colour_directions(images)
    monkeypatch.setattr("netdsl.data.augment.CHUNK", 200)
    assert CHUNK > 200 and torch.allclose(colour_directions(images).abs(), whole.abs(), atol=1e-4)


def test_noise_has_the_covariance_of_the_formula():
    """A shift of [p1 p2 p3] [a1 l1, a2 l2, a3 l3], a normal with std 0.1: covariance 0.01 * sum of l^2 p p'."""
    directions = torch.tensor([[60.0, 0, 10], [0, 90, 10], [0, 0, 150]])
    images = torch.full((20_000, 3, 1, 1), 128, dtype=torch.uint8)
    shift = pca_noise(images, directions, 0.1, chance())[:, :, 0, 0].double() - 128
    expected = 0.01 * directions.double() @ directions.double().T
    found = shift.T.cov(correction=0)
    assert shift.mean(0).abs().max() < 0.4
    assert (found - expected).abs().max() < 0.05 * expected.max() + 1 / 12 + 0.5
    one = pca_noise(noise(1), directions, 0.1, chance()).int() - noise(1).int()
    inner = (noise(1) > 60) & (noise(1) < 190)
    assert all(one[0, c][inner[0, c]].unique().numel() == 1 for c in range(3)), "one colour for all pixels"


def test_mixtures_by_hand():
    images = torch.tensor([10, 20, 250]).byte().view(3, 1, 1, 1)
    made = mixup(images, 0.75, torch.tensor([1, 2, 0]))
    assert made.flatten().tolist() == [12, 78, 190]  # 12.5, 77.5, 190, halves to the even one
    assert torch.equal(mixup(images, 1.0, torch.tensor([1, 2, 0])), images)
