"""Norms, starting with ResNet's and AlexNet's."""

import pytest
import torch

from netdsl.layers.norm import LocalResponseNorm

from .making import codes, fmap, make


def test_resnets_first_batch_norm() -> None:
    x = fmap("64x112x112")
    norm = make("B", x)
    assert (norm.params(x), norm.buffers(x), norm.macs(x)) == (128, 129, 0)
    assert norm.code == "B"
    assert make("BN", x) == make("batch_norm", x) == norm


def test_batch_norm_of_a_vector_and_without_affine() -> None:
    x = fmap("4096")
    norm = make("batch_norm", x, affine=False, eps=0.001)
    assert (norm.params(x), norm.buffers(x)) == (0, 8193)
    assert norm.code == "batch_norm(eps=0.001, affine=false)"


def test_instance_norm_has_no_running_statistics() -> None:
    x = fmap("32x256x256")
    norm = make("I", x)
    assert (norm.params(x), norm.buffers(x), norm.code) == (64, 0, "I")


def test_only_batch_and_instance_norm_take_a_channels_mean_away() -> None:
    x = fmap("32x8x8")
    words = ("B", "I", "layer_norm", "l2_norm", "L")
    assert [make(word, x).subtracts_mean for word in words] == [True, True, False, False, False]


def test_instance_norm_of_one_pixel() -> None:
    x = fmap("32x1x1")
    (problem,) = make("I", x).problems(x)
    assert (problem.code, problem.replacement) == ("NET307", "B")


def test_group_norm() -> None:
    x = fmap("64x8x8")
    norm = make("group_norm", x, num_groups=32)
    assert (norm.params(x), norm.buffers(x), norm.code) == (128, 0, "group_norm(32)")


@pytest.mark.parametrize(
    ("x", "groups", "code", "replacement"),
    [("48x8x8", 32, "NET302", "group_norm(16)"), ("32", 32, "NET307", "group_norm(1)"), ("1", 1, "NET307", None)],
)
def test_groups_that_do_not_fit(x: str, groups: int, code: str, replacement: str | None) -> None:
    (problem,) = make("group_norm", fmap(x), num_groups=groups).problems(fmap(x))
    assert (problem.code, problem.replacement) == (code, replacement)


def test_alexnets_local_response_norm() -> None:
    norm = make("L", fmap("96x55x55"))
    assert norm == make("LRN", fmap("96x55x55"), size=5)
    assert norm.code == "L5"
    assert (norm.size, norm.k, norm.alpha, norm.beta) == (5, 2, 1e-4, 0.75)


def test_local_response_norm_divides_alpha_by_the_window() -> None:
    x = torch.rand(1, 7, 2, 2, dtype=torch.float64)
    norm = LocalResponseNorm(size=5, alpha=0.3, beta=0.75, k=2.0)
    for channel in range(7):
        squares = x[:, max(0, channel - 2) : channel + 3].square().sum(dim=1)
        expected = x[:, channel] / (2 + 0.3 / 5 * squares) ** 0.75
        torch.testing.assert_close(norm.lower(fmap("7x2x2"))(x)[:, channel], expected)


def test_no_problem_where_there_is_none() -> None:
    x = fmap("32x2x2")
    assert not [codes(make(word, x).problems(x)) for word in ("B", "I", "L") if list(make(word, x).problems(x))]
