"""Layouts: names, scopes of tags, `from`, defaults, the textbook's rule, blocks as values, variants."""

import pytest

from netdsl.compiler import Pipeline, compile_network

from .laying_out import codes, compiled, laid_out, names


def test_siblings_are_numbered():
    assert names(laid_out("C3-8 R C3-8 R P G F10")) == [
        "conv1", "relu1", "conv2", "relu2", "max_pool1", "global_avg_pool1", "linear1",
    ]  # fmt: skip


def test_the_path_of_calls_branches_and_tags():
    text = """
    block inception(n) { concat { C1-{n} R | C3-{n} R C3-{n} R | P3/1s C1-{n} R } }
    net toy { input 3x8x8 inception(4) @3a inception(8) (C3-8 R)@stem C3-4 R @last G F2 }
    """
    found = names(compile_network(text))
    assert "3a.branch2.conv1" in found
    assert "3a.branch2.conv2" in found
    assert "3a.concat1" in found
    assert "inception1.branch3.max_pool1" in found
    assert "stem.conv1" in found
    assert "last" in found


def test_calls_and_blocks_are_numbered_among_equal_siblings():
    text = """
    block unit(f) { C3-{f} R }
    net toy { input 3x8x8 unit(4) unit(4) residual { unit(4) C3-4 } add { unit(4) | id } add { id | id } G F2 }
    """
    assert names(compile_network(text))[:11] == [
        "unit1.conv1", "unit1.relu1", "unit2.conv1", "unit2.relu1",
        "residual1.unit1.conv1", "residual1.unit1.relu1", "residual1.conv1", "residual1.add1",
        "branch1.unit1.conv1", "branch1.unit1.relu1", "add1",
    ]  # fmt: skip


def test_a_repetition_numbers_on():
    assert names(laid_out("(C3-8 R)*2 C3-8")) == ["conv1", "relu1", "conv2", "relu2", "conv3"]


def test_a_tag_takes_the_place_of_the_word_and_its_number():
    assert names(laid_out("C3-8 @conv1 C3-8")) == ["conv1", "conv2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C3-8 @a C3-9 @a", ["NET212"]),
        ("C3-8 @conv2 C3-9 R C3-7 @conv1", ["NET212"]),
        ("for i in [1, 2] { C3-8 @a }", ["NET212"]),
        ("for i in [1, 2] { C3-8 @a{i} }", []),
        ("(C3-8 @a)*2", ["NET212"]),
        ("C3-8 @train", ["NET212"]),
        ("C3-8 @_modules", ["NET212"]),
        ("add { C3-3 @a | id } C1-{@a.channels}", []),
        ("add { C3-3 @a | C3-3 @b } add { id | from @a C1-3 }", []),
        ("add { C3-3 @a | C3-3 @a }", ["NET212"]),
        ("from @a C3-8", ["NET209"]),
        ("C3-8 @a C3-8 @b from @a C3-8", ["NET216"]),
        ("C3-8 @a add { C3-8 | from @a C3-8 }", []),
        ("if true { C3-8 @a } C1-{@a.channels}", []),
        ("(C3-8 @inner) @outer C1-{@inner.channels}", []),
    ],
)
def test_scopes_of_tags(text, expected):
    assert codes(text) == expected


def test_each_call_has_its_own_tags():
    text = "block unit(f) { C3-{f} R @a C1-{@a.channels} R } net toy { input 3x8x8 unit(4) unit(8) G F2 }"
    tags = compile_network(text).tags
    assert set(tags) == {"unit1.a", "unit2.a"}
    assert Pipeline.of(text.replace("G F2", "C1-{@a.channels}")).compile().errors[0].code == "NET209"


def test_a_tag_is_a_tensor_and_a_scope():
    network = laid_out("(C3-8 R C3-9)@stem R G F10")
    tag = network.tags["stem"]
    assert network.nodes[tag.node].name == "stem.conv2"
    assert (tag.first, tag.last) == (1, 3)


def test_the_textbooks_rule():
    """3x3, 64 filters, doubled for each pool before it on its path, at most 512: the chapter's section 8.2.7."""
    network = laid_out("CR P CR P CR P CR P CR P CR", 3, 64, 64)
    filters = [n.layer.out_channels for n in network.nodes if n.layer.name == "conv"]
    assert filters == [64, 128, 256, 512, 512, 512]
    assert all(n.layer.kernel_size == (3, 3) for n in network.nodes if n.layer.name == "conv")
    assert [n.filled_in for n in network.nodes if n.layer.name == "conv"] == [True] * 6


def test_pools_are_counted_on_the_path():
    network = laid_out("concat { P C3-8 U2 | C3-8 } C R", 3, 64, 64)
    assert network.nodes[-2].layer.out_channels == 128


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("default C5-16 C R", [16]),
        ("default C5-16 C3-8 R C", [8, 16]),
        ("(default C5-16 C R) C", [16, 16]),
        ("add { default C5-16 C | C3-16 } C", [16, 16, 64]),
        ("if true { default C5-16 C R } C", [16, 64]),
        ("default C5-16 default Cv C", [16]),
        ("P default C5-16 C P C", [16, 16]),
    ],
)
def test_defaults_hold_to_the_end_of_their_braces(text, filters):
    network = laid_out(text)
    assert [n.layer.out_channels for n in network.nodes if n.layer.name == "conv"] == filters


def test_defaults_hold_in_blocks_called_there():
    text = "block unit() { C R } net toy { input 3x8x8 default C5-16 unit G F2 }"
    assert compile_network(text).nodes[1].layer.out_channels == 16


def test_blocks_as_values():
    text = """
    block basic(f) { C3-{f} R }
    block other(f) { C5-{f} R }
    net toy(unit = basic, norm = batch_norm) { input 3x8x8 unit(4) norm G F2 }
    """
    pipeline = Pipeline.of(text)
    assert pipeline.compile().network.nodes[1].layer.kernel_size == (3, 3)
    assert pipeline.compile(settings={"unit": "other"}).network.nodes[1].layer.kernel_size == (5, 5)
    assert pipeline.compile(settings={"norm": "instance_norm"}).network.nodes[3].layer.name == "instance_norm"


def test_a_parameter_can_use_those_before_it():
    text = "net toy(n = 2, f = 8 * n) { input 3x8x8 C3-{f} R G F2 }"
    assert Pipeline.of(text).compile(settings={"n": 3}).network.nodes[1].layer.out_channels == 24


def test_recursion_that_ends():
    text = """
    block unet(n, f) { C3-{f} R @skip if n > 0 { concat { id | P unet(n - 1, 2 * f) U2 } C3-{f} R } }
    net toy { input 1x32x32 unet(3, 4) C1-2 }
    """
    assert compile_network(text).output.shape == (2, 32, 32)


def test_nothing_is_laid_out_for_what_vanishes():
    assert names(laid_out("C3-8 D0 R id (C3-8)*{0} C3-4")) == ["conv1", "relu1", "conv2"]


def test_vectors():
    network = laid_out("F8 C1-4 R G F2", 10)
    assert network.output.shape == (2,)
    assert laid_out("G").output.shape == (3,)
    assert laid_out("C3-8 mul { G F8 sigmoid | id }").output.shape == (8, 32, 32)


def test_one_mistake_is_one_message():
    text = "C3-24g5 R P concat { C3-8 | id } add { C3-8 | id } residual { C3-8/2 R C3-8 } F10"
    assert codes(text) == ["NET302"]


def test_independent_mistakes_are_all_reported():
    assert codes("concat { C3-8g5 | D5 C3-8 | C4-8 } F") == ["NET302", "NET206", "NET305", "NET205"]


def test_warnings_do_not_stop():
    found = compiled("C3-8 C3-8 G F10")
    assert found.network is not None
    assert "NET352" in [d.code for d in found.diagnostics]


@pytest.mark.parametrize(
    "net",
    [
        "net a { C3-64 R input 3x8x8 G F10 }",
        "net a { add { R | id } input 3x8x8 F10 }",
        "net a { if true { R } input 3x8x8 F10 }",
        "net a(x = here.channels) { input 3x8x8 F10 }",
        "net a { input {here.channels}x3x3 F10 }",
        "net a { let x = here.channels input 3x8x8 F{x} }",
    ],
)
def test_nothing_stands_before_the_input(net):
    (error,) = Pipeline.of(net).compile().errors
    assert error.code in ("NET214", "NET210")


@pytest.mark.parametrize(
    ("norm", "params"), [("B", 32), ("batch_norm(affine=false)", 0), ("group_norm(4)", 32), ("layer_norm", 32)]
)
def test_a_projection_ends_in_the_norm_of_the_body(norm, params):
    network = laid_out(f"residual {{ C3-16/2 R C3-16 {norm} }}")
    ours, theirs = (
        [c.params for n, c in zip(network.nodes, network.counts, strict=True) if n.layer.is_norm and part(n.name)]
        for part in (lambda name: "shortcut" in name, lambda name: "shortcut" not in name)
    )
    assert ours == theirs == [params]
