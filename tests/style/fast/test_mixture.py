"""Weights of styles: equation 5.14."""

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.fast.mixture import between, weights_of

NAMES = ("night", "wave", "scream")


def test_weights_are_shares() -> None:
    assert torch.equal(weights_of(NAMES, {"wave": 1.5, "scream": 0.5}), torch.tensor([0, 0.75, 0.25]))
    assert torch.equal(weights_of(NAMES, {"night": 3, "wave": 0}), torch.tensor([1.0, 0, 0]))


def test_a_row_goes_from_one_style_to_the_other() -> None:
    row = between(NAMES, "scream", "night", 5)
    assert torch.allclose(torch.stack(row)[:, 0], torch.tensor([0, 0.25, 0.5, 0.75, 1]))
    assert all(float(weights.sum()) == pytest.approx(1) and weights[1] == 0 for weights in row)


@pytest.mark.parametrize("wanted", [{"wafe": 1.0}, {"wave": 0.0}, {}])
def test_what_is_no_mixture(wanted) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        weights_of(NAMES, wanted)
    found = caught.value.diagnostics[0]
    assert found.code == "NET674" and "wave" in (found.expected or "") + (found.note or "")
