"""The equations 5.5 to 5.9 against sums written out by hand."""

import pytest
import torch

from netdsl.style.loss.losses import content_loss, gram_matrix, mean_square, style_loss, total_variation


def test_content_loss_by_hand() -> None:
    features, target = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]), torch.tensor([[[[0.0, 2.0]], [[3.0, 1.0]]]])
    assert content_loss(features, target) == (1 + 9) / 4  # over height x width x channels


def test_gram_matrix_by_hand() -> None:
    """Two channels, three places: the means of a*a, a*b and b*b."""
    features = torch.tensor([[[[1.0, 2.0, 3.0]], [[4.0, 0.0, -1.0]]]])
    assert gram_matrix(features).flatten().tolist() == pytest.approx([14 / 3, 1 / 3, 1 / 3, 17 / 3])


def test_gram_matrix_against_einsum() -> None:
    features = torch.randn(1, 5, 6, 7, dtype=torch.float32)
    expected = torch.einsum("nihw,njhw->ij", features, features) / 42
    assert torch.allclose(gram_matrix(features), expected, atol=1e-6)


def test_gram_matrix_forgets_where() -> None:
    """Moving the places about changes nothing; it is texture."""
    features = torch.randn(1, 4, 1, 20)
    moved = features[..., torch.randperm(20)]
    assert torch.allclose(gram_matrix(features), gram_matrix(moved), atol=1e-6)


def test_a_region_is_the_picture_cut_out() -> None:
    features = torch.randn(1, 4, 6, 8)
    region = torch.zeros(6, 8)
    region[1:4, 2:7] = 1
    assert torch.allclose(gram_matrix(features, region), gram_matrix(features[..., 1:4, 2:7]), atol=1e-5)
    assert torch.allclose(gram_matrix(features, torch.ones(6, 8)), gram_matrix(features), atol=1e-6)


def test_bfloat16_features_have_float32_grams() -> None:
    features = torch.randn(1, 3, 40, 40).bfloat16()
    assert gram_matrix(features).dtype == torch.float32
    assert torch.allclose(gram_matrix(features), gram_matrix(features.float()))


def test_style_loss_by_hand() -> None:
    assert style_loss(torch.tensor([[1.0, 2.0], [2.0, 5.0]]), torch.zeros(2, 2)) == (1 + 4 + 4 + 25) / 4


def test_total_variation_by_hand() -> None:
    """Down 1 -> 4 and 2 -> 8, right 1 -> 2 and 4 -> 8; four numbers."""
    picture = torch.tensor([[[[1.0, 2.0], [4.0, 8.0]]]])
    assert total_variation(picture) == (9 + 36 + 1 + 16) / 4
    assert total_variation(torch.full((1, 3, 5, 5), 7.0)) == 0


def test_total_variation_means_the_same_at_every_size() -> None:
    """A picture beside itself four times has nearly the variation of one: the seams apart."""
    ramp = torch.linspace(0, 1, 64).repeat(64, 1)
    periodic = (ramp * 6.2831853).sin()[None, None]
    assert total_variation(periodic.repeat(1, 1, 2, 2)) == pytest.approx(float(total_variation(periodic)), rel=0.02)


def test_mean_square_is_never_zero() -> None:
    assert mean_square(torch.tensor([3.0, 4.0])) == 12.5
    assert mean_square(torch.zeros(3)) > 0
