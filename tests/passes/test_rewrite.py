"""Variants: the history of convnets as rewrites, with the parameters and MACs of each as numbers."""

import pytest

from netdsl.compiler import Pipeline, compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network

HISTORY = [
    ("vgg16", "C -> Cb B", 138_365_992, 15_470_264_320),  # torchvision's vgg16_bn keeps the redundant bias
    ("vgg16", "C -> C B", 138_361_768, 15_470_264_320),
    ("vgg16", "R -> B R", 138_369_960, 15_470_264_320),
    ("vgg16", "P2 -> C3-{here.channels}/2 R", 143_851_752, 17_435_557_888),  # all convolutions
    ("vgg16", "C3-{f}/{s} -> C1x3-{f}/1x{s} C3x1-{f}/{s}x1", 133_986_088, 11_867_226_112),
    ("baseline", "C5-{f} -> C3-{f} R C3-{f}", 694_402, 18_918_352),  # two 3x3 see what a 5x5 sees
    ("resnet", "residual -> body", 269_722, 40_551_040),  # plain
    ("nin", "R -> B R", 1_560_548, 262_594_560),
    ("googlenet.net:googlenet_plain", "C -> C B; C5-{f} -> C3-{f}; drop L", 6_624_904, 1_498_376_192),
]


def variant(net: str, rules: str, shape: str = "") -> Network:
    return compile_network(f"input {shape} {net}" if shape else net, with_rules=rules)


def ops(network: Network) -> str:
    return " ".join(node.layer.code for node in network.nodes[1:])


@pytest.mark.parametrize(("net", "rules", "params", "macs"), HISTORY, ids=[f"{n}: {r}" for n, r, *_ in HISTORY])
def test_the_history_of_convnets(net: str, rules: str, params: int, macs: int) -> None:
    network = variant(net, rules)
    assert (network.params, network.macs) == (params, macs)


def test_a_rewrite_is_the_net_that_is_written_out() -> None:
    written_out = """
    block module(f1, f2, f3) { C5-{f1} B R  C1-{f2} B R  C1-{f3} B R }
    net bn_nin {
      input 3x32x32
      module(192, 168, 96) @module1  P3/2s D.5  module(192, 192, 192) @module2  A3/2s D.5
      module(192, 192, 10) @module3  G
    }
    """
    found, expected = compile_network("bn_nin"), compile_network(written_out)
    assert [(n.name, n.layer, n.output) for n in found.nodes] == [(n.name, n.layer, n.output) for n in expected.nodes]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("C -> C C", "C3-8 C3-8 R P2 C5-8 C5-8 R"),  # never its own output
        ("C -> C B; B -> I", "C3-8 I R P2 C5-8 I R"),  # but what earlier rules made
        ("B -> I; C -> C B", "C3-8 B R P2 C5-8 B R"),  # in the order written
        ("C5-{f} -> C3-{f} R C3-{f}", "C3-8 R P2 C3-8 R C3-8 R"),
        ("C3-{f} -> C1-{2*f}", "C1-16 R P2 C5-8 R"),
        ("P -> P3/2s", "C3-8 R P3/2s C5-8 R"),
        ("max_pool -> avg_pool", "C3-8 R A2 C5-8 R"),
        ("drop R", "C3-8 P2 C5-8"),
        ("R -> ", "C3-8 P2 C5-8"),
        ("R -> R D.2", "C3-8 R D.2 P2 C5-8 R D.2"),
        ("P -> C3-{here.channels}/2", "C3-8 R C3-8/2 C5-8 R"),
        ("C -> Cv", "C3-8v R P2 C5-8v R"),  # all its attributes, and the modifier
    ],
)
def test_what_a_rule_makes(rules: str, expected: str) -> None:
    assert ops(variant("C3-8 R P C5-8 R", rules, "3x16x16")) == expected


@pytest.mark.parametrize("written", ["C5-8/2", "C5-8v", "C5-8d2", "C5-8b", "C5-9g3"])
def test_what_is_not_written_must_be_the_default(written: str) -> None:
    compilation = Pipeline.of(f"input 3x32x32 {written} R").compile(with_rules="C5-{f} -> C3-{f}")
    assert compilation.network is not None
    assert ops(compilation.network).startswith("C5")
    assert "NET359" in {d.code for d in compilation.diagnostics}


def test_rules_work_in_blocks_branches_projections_and_heads() -> None:
    text = """
    block unit(f) { residual { C3-{f}/2 B R C3-{f} B } R }
    net small { input 3x32x32 C3-8 R head aux { C1-4 R G F2 } unit(16) add { C1-16 | id } G F10 }
    """
    network = Pipeline.of(text).compile(with_rules="C -> C I").network
    assert network is not None
    convolutions = [node.name for node in network.nodes if node.layer.name == "conv"]
    norms = {network.nodes[node.inputs[0]].name for node in network.nodes if node.layer.name == "instance_norm"}
    assert set(convolutions) == norms
    assert {"unit1.residual1.shortcut.conv1", "aux.conv1", "branch1.conv1"} <= norms


def test_a_variant_of_a_variant_applies_the_base_first() -> None:
    text = """
    net a(k = 8) { input 3x16x16 C3-{k} R G F10 }
    net b = a with { C -> C B }
    net c(g = 4) = b with { B -> group_norm({g}) }
    net d = a with { B -> I }
    """.replace("{g}", "g")
    pipeline = Pipeline.of(text)
    assert ops(pipeline.compile("c").network) == "C3-8 group_norm(4) R G F10"
    assert ops(pipeline.compile("c", {"g": 2}).network) == "C3-8 group_norm(2) R G F10"
    assert ops(pipeline.compile("d").network) == "C3-8 R G F10"


def test_a_net_with_rules_of_its_own() -> None:
    text = "net x(classes = 10) with { C -> C B R } { input 3x16x16 C3-8 C3-8/2 G F{classes} expect params = 914 }"
    compilation = Pipeline.of(text).compile()
    assert compilation.network is not None, compilation.diagnostics
    assert ops(compilation.network) == "C3-8 B R C3-8/2 B R G F10"


def test_what_a_rule_made_knows_its_rule_and_its_place() -> None:
    network = variant("C3-8 R P", "R -> B R", "3x16x16")
    made = [(node.layer.code, node.span.text, node.rule and node.rule.text) for node in network.nodes[1:]]
    assert made == [
        ("C3-8", "C3-8", None),
        ("B", "R", "R -> B R"),
        ("R", "R", "R -> B R"),
        ("P2", "P", None),
    ]


def test_an_invalid_rewrite_names_the_line_and_the_rule() -> None:
    compilation = Pipeline.of("input 3x8x8 C3-8 R P C3-8").compile(with_rules="P -> P9")
    (error,) = compilation.errors
    assert (error.code, error.span.text, [label.span.text for label in error.related]) == ("NET304", "P9", ["P"])


def test_a_tag_on_a_rewritten_op_is_a_scope() -> None:
    network = variant("C3-8 @first R", "C -> C B", "3x16x16")
    assert [node.name for node in network.nodes[1:]] == ["first.conv1", "first.batch_norm1", "relu1"]
    assert network.nodes[network.tags["first"].node].layer.code == "B"


@pytest.mark.parametrize(
    "code",
    [
        "leaky_relu(0.1)",
        "leaky_relu(0.01)",
        "D.1",
        "dropout(0.1)",
        "times(0.17)",
        "batch_norm(eps=1e-3)",
        "scale(init=1e-6)",
    ],
)
def test_decimals_match(code):
    network = Pipeline.of(f"C3-8 {code}").compile(given=FeatureMap(3, (8, 8)), with_rules=f"{code} -> elu").network
    assert [node.layer.name for node in network.nodes] == ["input", "conv", "elu"]


def test_a_chain_of_rules_names_the_last():
    network = Pipeline.of("C3-8 R").compile(given=FeatureMap(3, (8, 8)), with_rules="C -> C B; B -> I").network
    assert [node.rule and node.rule.text.strip() for node in network.nodes] == [None, "C -> C B", "B -> I", None]


def test_an_alias_can_have_another_default():
    text = "net base(classes = 10) { input 3x8x8 C3-4 R G F{classes} } net a(classes = 20) = base with { R -> elu }"
    for settings, classes in (({}, 20), ({"classes": 30}, 30)):
        assert Pipeline.of(text).compile("a", settings).network.output.channels == classes
