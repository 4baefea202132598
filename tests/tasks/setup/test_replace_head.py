"""As many outputs as there are classes."""

import pytest

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.setup.replace_head import replace_head


def replaced(text, classes=4, asked=None, **source):
    given = NetSource(text, **source)
    return replace_head(given, given.compile(), classes, asked or {})


def test_a_parameter_is_set():
    source, network, new = replaced("tiny")
    assert source.settings == {"classes": 4} and network.output.numel == 4
    assert new == {"linear1"}


def test_what_the_user_set_stays():
    source, network, _ = replaced("tiny", 4, {"classes": "7"}, settings={"classes": "7"})
    assert network.output.numel == 7 and source.settings == {"classes": "7"}


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("input 3x8x8 C3-4 R G F10", "linear1"),
        ("input 3x8x8 C3-4 R C1-10 R G", "conv2"),
        ("input 3x8x8 C3-4 B R C1-10b B R G S", "conv2"),
        ("input 3x8x8 C3-10 R G F10n", "linear1"),
    ],
)
def test_a_last_layer_is_rewritten(text, last):
    before = compile_network(text)
    source, network, new = replaced(text)
    assert network.output.numel == 4 and new == {last}
    assert [n.layer for n in network.nodes if n.name != last] == [n.layer for n in before.nodes if n.name != last]
    again = replace_head(source, network, 4, {})
    assert again == (source, network, new), "a head that fits is not rewritten again"


def test_behind_the_rules_of_a_variant():
    source, network, _ = replaced("input 3x8x8 C3-4 R G F10", with_rules="C -> C B")
    assert source.with_rules == "C -> C B; F10 -> F4"
    assert [n.layer.name for n in network.nodes][1:3] == ["conv", "batch_norm"]


def test_heads_end_anew_too():
    text = "net h { input 3x8x8 C3-4 R head aux(weight = 0.3) { G F10 } C3-5 R G F10 }"
    _, network, new = replaced(text)
    assert new == {"aux.linear1", "linear1"}
    assert network.nodes[network.heads["aux"].node].output.numel == 4


@pytest.mark.parametrize(
    "text",
    [
        "input 3x8x8 C3-4 R F10 R F10",
        "input 3x8x8 add { C3-4 | C1-4 } G",
        "input 3x8x8 G",
        "net h { input 3x8x8 C3-4 R head aux(weight = 0.3) { C1-10 G } C3-5 R G F10 }",
    ],
)
def test_nothing_to_replace_alone(text):
    with pytest.raises(DiagnosticsError) as caught:
        replaced(text)
    assert [d.code for d in caught.value.diagnostics] == ["NET571"]
