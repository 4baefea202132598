"""Which output has the classes."""

import pytest

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.outputs import class_output


def output_of(net, head=None):
    network = compile_network(net)
    found = class_output(network, head)
    return network.nodes[found.node].name, found.classes, found.head


def test_its_own_before_the_softmax():
    assert output_of("net a { input 3x8x8  C3-4 R G F3 S }") == ("linear1", 3, None)
    assert output_of("net a { input 3x8x8  C3-4 R C1-5 R G }") == ("global_avg_pool1", 5, None)


def test_heads():
    further = "net a { input 3x8x8  C3-4 R head aux(weight = .3) { G F3 }  C3-4 R G F3 }"
    assert output_of(further) == ("linear1", 3, None)
    assert output_of(further, "aux") == ("aux.linear1", 3, "aux")
    final = """net a { input 3x8x8  C3-4 R @x  head where(target = box, loss = mse) from @x { F4 }
               head what from @x { G F3 } }"""
    assert output_of(final) == ("what.linear1", 3, "what")
    with pytest.raises(DiagnosticsError, match="NET603"):
        output_of(final, "where")
    with pytest.raises(DiagnosticsError) as raised:
        output_of(final, "wath")
    assert "did you mean `what`?" in str(raised.value)
