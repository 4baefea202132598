"""A layer's code, typed as a net of one layer, is laid out as that layer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.compiler import Pipeline

from .strategies import KINDS, TAGGED, cases
from .test_layers import without_bias

WITHOUT_BRANCHES = sorted(name for name, kind in KINDS.items() if not kind.is_join and name not in TAGGED)


@pytest.mark.parametrize("name", WITHOUT_BRANCHES)
@given(data=st.data())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_the_code_of_a_layer_lays_out_that_layer(name: str, data: st.DataObject) -> None:
    given_, x = data.draw(cases(name))
    kind = KINDS[name]
    if list(kind.shape_problems(given_, x)) or list(kind.build(given_, x).problems(x)):
        return
    layer = kind.build(given_, x)
    if layer.vanishes:  # nothing to lay out
        return
    compiled = Pipeline.of(f"net one {{ input 1 {layer.code} }}").compile(given=x)
    assert not compiled.errors
    assert compiled.network is not None
    (node,) = compiled.network.nodes[1:]
    assert without_bias(node.layer) == without_bias(layer)
    assert node.output == layer.output(x)
