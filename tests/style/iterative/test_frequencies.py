"""Numbers and picture: each the other's, coarse things larger than fine ones."""

import pytest
import torch

from netdsl.style.iterative.frequencies import Frequencies


@pytest.mark.parametrize("size", [(16, 16), (17, 30), (31, 9)])
def test_there_and_back(size) -> None:
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0)) * 255
    space = Frequencies(*size, 0.5)
    assert torch.allclose(space.picture(space.numbers(picture)), picture, atol=1e-3)


def test_a_wave_is_that_wave_larger_or_smaller() -> None:
    """Four times the frequency, half the size, with an exponent of a half."""
    places = torch.arange(64) * 2 * torch.pi / 64
    slow, fast = (torch.cos(waves * places).expand(64, 64) for waves in (4, 16))
    made = [Frequencies(64, 64, 0.5).picture(wave) for wave in (slow, fast)]
    shares = [float((one * wave).sum() / wave.square().sum()) for one, wave in zip(made, (slow, fast), strict=True)]
    assert torch.allclose(made[0], shares[0] * slow, atol=1e-5)
    assert shares[0] == pytest.approx(2 * shares[1], rel=1e-5)


def test_without_an_exponent_nothing_changes() -> None:
    numbers = torch.randn(1, 3, 12, 15)
    assert torch.allclose(Frequencies(12, 15, 0.0).picture(numbers), numbers, atol=1e-5)


def test_noise_keeps_its_size() -> None:
    noise = torch.randn(3, 128, 128, generator=torch.Generator().manual_seed(0))
    assert float(Frequencies(128, 128, 0.5).picture(noise).square().mean()) == pytest.approx(1, abs=0.1)
