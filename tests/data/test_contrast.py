"""Global contrast and whitening, by hand and by what they promise."""

import pytest
import torch

from netdsl.data.contrast import LEAST_VARIANCE, GlobalContrast, Whitening


def images(count=400, channels=2, size=3):
    """Pixels that follow their neighbours."""
    noise = torch.randn(count, channels * size * size, generator=torch.Generator().manual_seed(0))
    return (128 + 25 * noise.cumsum(1) / 3).clamp(0, 255).byte().view(count, channels, size, size)


def test_global_contrast_by_hand():
    contrast = GlobalContrast((0.0,), (1.0,))
    image = torch.tensor([10, 20, 30, 40], dtype=torch.uint8).view(1, 1, 2, 2)
    deviation = 125**0.5  # mean 25; (15^2 + 5^2) / 2
    assert contrast(image).flatten().tolist() == pytest.approx(
        [-15 / deviation, -5 / deviation, 5 / deviation, 15 / deviation]
    )
    assert contrast(torch.full((1, 1, 2, 2), 9, dtype=torch.uint8)).abs().max() == 0


def test_brightness_and_contrast_do_not_matter():
    contrast = GlobalContrast((0.0,), (1.0,))
    some = torch.randint(0, 100, (5, 3, 4, 4), generator=torch.Generator().manual_seed(0)).byte()
    assert torch.allclose(contrast(some), contrast(some * 2 + 7), atol=1e-5)


def test_whitened_directions_have_the_variance_v_over_v_plus_a_tenth():
    some = images()
    whitening = Whitening.of(some)
    before = GlobalContrast(whitening.mean, whitening.std)(some).flatten(1).double()
    after = whitening(some).flatten(1).double()
    assert after.mean(0).abs().max() < 1e-5
    variances, directions = torch.linalg.eigh(torch.cov(before.T, correction=0))
    rotated = directions.T @ torch.cov(after.T, correction=0) @ directions
    assert torch.allclose(rotated.diagonal(), variances / (variances + LEAST_VARIANCE), atol=1e-5)
    assert (rotated - rotated.diagonal().diag()).abs().max() < 1e-5
    assert torch.allclose(whitening.matrix, whitening.matrix.T, atol=1e-6)


def test_each_image_alone_is_whitened_as_in_a_batch():
    some = images()
    whitening = Whitening.of(some)
    together = whitening(some[:3])
    for index in range(3):
        assert torch.allclose(whitening(some[index : index + 1])[0], together[index], atol=1e-5)
