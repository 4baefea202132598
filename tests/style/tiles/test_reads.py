"""A part of a layer's output comes from the cut that `reads` names, for each layer that looks at a window."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.lowering.to_torch import to_torch
from netdsl.passes.resize import Misfit, Resizer
from netdsl.style.tiles.reads import cut

CODES = [
    "C3-2",
    "C5-2/2",
    "C3-2/4",
    "C3-2d3",
    "C4-2v",
    "C3-2f",
    "C3-2p5",
    "C1-2/3",
    "C2x5-2/1x2p0x2",
    "T3-2/2",
    "T2-2/2v",
    "T5-2/3",
    "T4-2/2p1",
    "T1-2/2v",
    "conv_transpose(3, 2, stride=2, padding=1, output_padding=1)",
    "P2",
    "P3/2c",
    "P3/1s",
    "A3/2c",
    "A3/1s",
    "avg_pool(3, stride=2, padding=1, count_padding=false)",
    "U2",
    "U3",
    "upsample(2, mode=bilinear)",
    "upsample(3x1, mode=bilinear)",
    "pad(3)",
    "pad(4, mode=reflect)",
    "pad(2x5, mode=replicate)",
    "subsample(3, stride=2)",
    "conv_table(3, [0; 1; 0,1], stride=2)",
]


@pytest.mark.parametrize("code", CODES)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_the_outputs_of_a_cut_are_those_of_the_whole(code, data) -> None:
    network = compile_network(f"net n {{ input 2xHxW {code} }}")
    size = data.draw(st.tuples(st.integers(6, 23), st.integers(6, 23)))
    maps = Resizer(network).maps(FeatureMap(2, size))
    assert not isinstance(maps, Misfit)
    node = network.nodes[1]
    module = to_torch(network).double().eval().get_submodule(node.name)
    x = torch.rand(1, 2, *size, dtype=torch.float64)
    with torch.no_grad():
        whole = module(x)
    wanted = tuple(data.draw(_interval(n)) for n in whole.shape[2:])
    slides = node.layer.reach(maps[0])
    rows, columns = (cut(node.layer, slide, maps[0], axis, wanted[axis]) for axis, slide in enumerate(slides))
    with torch.no_grad():
        made = module(x[:, :, rows.first : rows.last, columns.first : columns.last])
    (top, bottom), (left, right) = wanted
    made = made[:, :, rows.skip : rows.skip + bottom - top, columns.skip : columns.skip + right - left]
    assert torch.allclose(made, whole[:, :, top:bottom, left:right], atol=1e-12)
    assert made.shape == whole[:, :, top:bottom, left:right].shape


def _interval(n):
    return st.tuples(st.integers(0, n - 1), st.integers(1, n)).map(lambda e: (min(e[0], e[1] - 1), max(e[0] + 1, e[1])))


def test_a_cut_is_no_larger_than_the_window_asks() -> None:
    network = compile_network("net n { input 2xHxW C9-2 }")
    layer, x = network.nodes[1].layer, FeatureMap(2, (1000, 1000))
    (slide, _) = layer.reach(x)
    assert (found := cut(layer, slide, x, 0, (200, 300))).first == 196 and found.last == 304 and found.skip == 4
    assert cut(layer, slide, x, 0, (0, 10)).last == 14
