"""Which convolutions are worked out otherwise where a net only infers."""

import pytest

from netdsl.geometry import Phases
from netdsl.planning.inferring import block, folds


@pytest.mark.parametrize(("scale", "kernel_size", "less"), [(2, 3, True), (2, 2, False), (4, 3, True), (2, 1, False)])
def test_folding_must_take_fewer_products(scale, kernel_size, less):
    """2x2 at scale 2: the phases need both pixels of the small map, as many as before."""
    assert folds([Phases(scale, kernel_size, kernel_size // 2)] * 2) == less


@pytest.mark.parametrize(
    ("out_channels", "kernel_size", "side"),
    [(3, (9, 9), 2), (3, (3, 3), 2), (1, (3, 3), 4), (16, (9, 9), 1), (64, (3, 3), 1), (3, (1, 1), 1), (12, (3, 3), 1)],
)
def test_few_filters_are_worked_out_for_a_block(out_channels, kernel_size, side):
    assert block(out_channels, kernel_size) == side
