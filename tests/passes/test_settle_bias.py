"""Which biases a norm takes away: on every path, through ops that hand a constant on, unless one was asked for."""

import pytest

from .laying_out import laid_out


def biases(text: str) -> list[bool]:
    network = laid_out(text)
    return [node.layer.bias for node in network.nodes if node.layer.name in ("conv", "conv_transpose", "linear")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C3-8", [True]),
        ("C3-8 R", [True]),
        ("C3-8 B", [False]),
        ("C3-8 I", [False]),
        ("C3-8 R B", [True]),
        ("C3-8 group_norm(2)", [True]),
        ("C3-8 layer_norm", [True]),
        ("C3-8 L", [True]),
        ("C3-8b B", [True]),
        ("C3-8n", [False]),
        ("C3-8n R", [False]),
        ("default Cb C3-8 B", [True]),
        ("default Cb C3-8n B", [False]),
        ("default Cn C3-8 R", [False]),
        ("T4-8/2 B", [False]),
        ("F8 B", [False]),
        ("G F8 R", [True]),
        ("C3-8 D.5 B", [False]),
        ("C3-8 U2 B", [False]),
        ("C3-8 P B", [False]),
        ("C3-8 A B", [False]),
        ("C3-8 A3/1s B", [True]),
        ("C3-8 P3/1s B", [True]),
        ("C3-8 shuffle(2) B", [False]),
        ("C3-8 times(2) B", [True]),
        ("C3-8 C3-8 B", [True, False]),
        ("add { C3-8 | C1-8 } B", [False, False]),
        ("add { C3-8 R | C1-8 } B", [True, False]),
        ("concat { C3-8 | C1-8 } B", [False, False]),
        ("concat { C3-8 B | C1-8 }", [False, True]),
        ("C3-8 add { B | id } B", [False]),
        ("C3-8 add { B | R } B", [True]),
        ("C3-8 concat { B | id }", [True]),
        ("residual { C3-3 B R C3-3 B }", [False, False]),
        ("C3-8 residual(project = @a) { B R @a C3-16 B R C3-16 } B", [False, False, False, False]),
        ("C3-8 residual(project = @a) { B R @a C3-16 B R C3-16 }", [False, False, True, True]),
        ("C3-8 dense { B R C3-4 } B", [False, False]),
        ("C3-8 dense { B R C3-4 }", [True, True]),
    ],
)
def test_rule(text, expected):
    assert biases(text) == expected


def test_the_dropped_ones_are_listed():
    network = laid_out("C3-8 B R C3-8 R C3-8b B")
    assert [network.nodes[i].name for i in network.dropped_biases] == ["conv1"]


def test_params_follow():
    assert laid_out("C3-8").params == 8 * (3 * 9 + 1)
    assert laid_out("C3-8 B").params == 8 * 3 * 9 + 16
    assert laid_out("C3-8b B").params == 8 * (3 * 9 + 1) + 16


def test_the_output_keeps_its_bias():
    """What leaves the net meets no norm."""
    assert biases("add { C3-3 | id }") == [True]


def test_what_a_head_gives_keeps_its_bias():
    network = laid_out("C3-8 @a head x from @a { id } B R G F10")
    assert [node.layer.bias for node in network.nodes if node.layer.name == "conv"] == [True]
