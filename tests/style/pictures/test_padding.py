"""Sizes that a net takes, mirrors, and pictures cut back."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.to_torch import to_torch
from netdsl.style.pictures.padding import at_any_size, fitting_size, mirrored

PAINTER = "net p { input 3xHxW  C3-4 I R C3-4/2 I R U2 C3-3 }"


@pytest.mark.parametrize(
    ("net", "size", "fitting"),
    [
        ("pastiche.net", (17, 30), (20, 32)),
        ("pastiche.net", (64, 64), (64, 64)),
        ("pastiche.net", (1, 1), (4, 8)),  # a norm wants more than one pixel, and there are a sixteenth of them
        ("johnson.net", (16, 101), (44, 104)),  # it mirrors 40 pixels, so it takes 41 or more
        (PAINTER, (7, 9), (8, 10)),
        ("net p { input 3xHxW  C3-4/1x4 R upsample(1x4) C3-3 }", (7, 9), (7, 12)),
    ],
)
def test_the_next_size_that_a_net_keeps(net, size, fitting) -> None:
    assert fitting_size(compile_network(net), size) == fitting


@pytest.mark.parametrize("net", ["net p { input 3xHxW  C3-3v }", "net p { input 3xHxW C3-8 R G F10 }"])
def test_a_net_that_keeps_none(net) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        fitting_size(compile_network(net), (20, 20))
    assert caught.value.diagnostics[0].code == "NET660"


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 20), st.integers(0, 20))
def test_a_mirror_goes_there_and_back(height, width, down, right) -> None:
    picture = torch.arange(2.0 * height * width).view(1, 2, height, width)
    made = mirrored(picture, (height + down, width + right))
    assert made.shape[-2:] == (height + down, width + right)
    assert torch.equal(made[..., :height, :width], picture)
    for axis, n in ((-2, height), (-1, width)):
        swinging = [n - 1 - abs(n - 1 - place % max(1, 2 * n - 2)) for place in range(made.shape[axis])]
        assert torch.equal(made, made.index_select(axis, torch.tensor(swinging)))
    if down < height and right < width:  # where torch has a reflection of its own
        assert torch.equal(made, functional.pad(picture, (0, right, 0, down), mode="reflect"))


def test_a_picture_of_any_size_comes_back_as_large() -> None:
    network = compile_network(PAINTER)
    module = to_torch(network).eval()
    even, odd = torch.rand(2, 3, 8, 10), torch.rand(1, 3, 7, 9)
    assert torch.equal(at_any_size(network, module, even), module(even))
    made = at_any_size(network, module, odd)
    assert torch.equal(made, module(functional.pad(odd, (0, 1, 0, 1), mode="reflect"))[..., :7, :9])
