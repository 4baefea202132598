"""A data set in memory."""

import pytest

from netdsl.data import synthetic
from netdsl.diagnostics import DiagnosticsError


def test_a_subset_keeps_the_test_split():
    data = synthetic.shapes(40, 20)
    part = data.first(15)
    assert len(part.train_images) == len(part.train_labels) == len(part.train_boxes) == 15
    assert len(part.test_images) == 20
    assert str(part.image) == "3x32x32" and part.classes == 10


@pytest.mark.parametrize("images", [0, -3, 41])
def test_a_subset_that_cannot_be(images):
    with pytest.raises(DiagnosticsError) as caught:
        synthetic.shapes(40, 20).first(images)
    assert caught.value.diagnostics[0].code == "NET527"
