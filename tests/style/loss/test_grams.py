"""Gram matrices and their gradient against torch's own."""

import pytest
import torch

from netdsl.style.loss.grams import gram_matrices


def features(dtype: torch.dtype = torch.float64, images: int = 2) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randn(images, 5, 6, 7, generator=random, dtype=torch.float64).to(dtype)


def test_the_mean_of_the_products_of_two_channels() -> None:
    expected = torch.einsum("nihw,njhw->nij", features(), features()) / 42
    torch.testing.assert_close(gram_matrices(features()), expected)


def test_the_gradient_is_that_of_small_steps() -> None:
    x = features(images=1).requires_grad_()
    assert torch.autograd.gradcheck(gram_matrices, (x,))


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_the_gradient_is_torchs(memory: torch.memory_format) -> None:
    """Of a loss that weighs each product by itself, not only pairs alike."""
    weights = torch.randn(2, 5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    x, y = (features().contiguous(memory_format=memory).requires_grad_() for _ in range(2))
    (gram_matrices(x) * weights).sum().backward()
    (torch.einsum("nihw,njhw->nij", y, y) / 42 * weights).sum().backward()
    torch.testing.assert_close(x.grad, y.grad)


def test_bfloat16_has_float32_grams_and_a_gradient_within_its_rounding() -> None:
    x = features(torch.bfloat16).requires_grad_()
    exact = x.detach().double().requires_grad_()
    found, expected = gram_matrices(x), gram_matrices(exact)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-6)
    found.square().sum().backward()
    expected.square().sum().backward()
    assert x.grad.dtype == torch.bfloat16
    assert (x.grad - exact.grad).norm() < 0.005 * exact.grad.norm()
