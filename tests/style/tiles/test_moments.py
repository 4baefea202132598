"""Mean and variance of parts are those of the whole."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from netdsl.style.tiles.moments import Moments


def together(x, cuts):
    parts = torch.tensor_split(x, cuts, dim=3)
    first, *others = [Moments.of(part) for part in parts if part.shape[3]]
    for other in others:
        first = first.merged(other)
    return first


@given(st.lists(st.integers(0, 30), max_size=5).map(sorted), st.integers(0, 99), st.sampled_from([0, -3e3, 1e5]))
def test_parts_give_the_whole(cuts, seed, far) -> None:
    x = torch.randn(1, 4, 7, 31, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 3 + far
    made = together(x, cuts)
    assert made.count == 7 * 31
    assert torch.allclose(made.mean, x.mean((0, 2, 3)), rtol=1e-12)
    assert torch.allclose(made.variance, x.var((0, 2, 3), correction=0), rtol=1e-9)


def test_single_precision_far_from_zero() -> None:
    """Where the mean of squares minus the squared mean would have no digit left."""
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 0.1 + 1e4
    made, wide = together(x, [10, 40]), x.double()
    assert torch.allclose(made.mean, wide.mean((0, 2, 3)), rtol=1e-12)
    assert torch.allclose(made.variance, wide.var((0, 2, 3), correction=0), rtol=1e-6)


def test_a_channel_of_one_value() -> None:
    assert together(torch.full((1, 2, 5, 6), 7.3), [2]).variance.abs().max() < 1e-12
