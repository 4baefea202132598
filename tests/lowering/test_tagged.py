"""Crop, unpool, tied weights, shared weights and conditions in whole nets, against the same by hand in torch."""

import copy

import pytest
import torch
from torch.nn import functional

import netdsl
from netdsl.compiler import Pipeline, compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.compare import compare

AUTOENCODER = """net auto {
  input 1x29x29
  C5-6/2 @c1 R P3/2 @p1  unpool(@p1) tied(@c1) sigmoid
}"""
SKIP = "net skip { input 2x20x20  C3-4v R @wide P C3-6 R U2 @up  concat { from @wide crop(@up) | id } }"
TWINS = """net twins {
  input 3x16x16
  share tower { C3-4 B R P C3-4 R }
  add { tower | P2 U2 tower }
  G F5
}"""
STYLES = """block stage(f) { residual { C3-{f}/2 I{style} } R }
net styles { input 3x16x16 condition style(3) C3-4 I{style} R stage(8) G F5 }"""

BOTH = "net both { input 3x16x16 share back { C3-8/2 @c R tied(@c) } back back C3-3 }"

NETS = {"both": BOTH, "auto": AUTOENCODER, "skip": SKIP, "twins": TWINS, "styles": STYLES}


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(1)


@pytest.mark.parametrize("net", NETS)
def test_every_row_is_torchs(net):
    assert compare(compile_network(NETS[net])).differences == ()


def test_an_autoencoder_by_hand():
    module = netdsl.compile(AUTOENCODER)
    state = module.state_dict()
    assert list(state) == ["c1.weight", "c1.bias", "tied1.bias"]
    x = torch.randn(2, 1, 29, 29)
    y = functional.conv2d(x, state["c1.weight"], state["c1.bias"], stride=2, padding=2).relu()
    pooled, switches = functional.max_pool2d(y, 3, 2, return_indices=True)
    back = functional.max_unpool2d(pooled, switches, 3, 2, output_size=[15, 15])
    expected = functional.conv_transpose2d(back, state["c1.weight"], state["tied1.bias"], 2, 2, 0).sigmoid()
    assert expected.shape == x.shape
    torch.testing.assert_close(module(x), expected)


def test_tied_weights_learn_from_both_uses():
    module = netdsl.compile(AUTOENCODER)
    module(torch.randn(2, 1, 29, 29)).sum().backward()
    both = module.c1.weight.grad.clone()
    module.zero_grad()
    detached = copy.deepcopy(module)
    x = torch.randn(2, 1, 29, 29)
    for twin in (module, detached):
        twin(x).sum().backward()
    assert both.abs().sum() > 0
    torch.testing.assert_close(module.c1.weight.grad, detached.c1.weight.grad)


def test_crop_takes_the_middle():
    module = netdsl.compile(SKIP)
    x = torch.randn(1, 2, 20, 20)
    taps = netdsl.feature_maps(module, ["wide", "branch1.crop1"])(x)
    assert taps["wide"].shape[2:] == taps["branch1.crop1"].shape[2:] == (18, 18)
    smaller = netdsl.compile("net a { input 1x9x6 (C1-1n) @w C4x3-1vn @s  from @w crop(@s) add { id | from @s } }")
    x = torch.arange(54.0).reshape(1, 1, 9, 6)
    cropped = netdsl.feature_maps(smaller, ["w", "crop1"])(x)
    torch.testing.assert_close(cropped["crop1"], cropped["w"][:, :, 1:7, 1:5])


def test_what_is_shared_has_one_set_of_weights():
    network = compile_network(TWINS)
    module = netdsl.compile(TWINS)
    assert network.params == sum(p.numel() for p in module.parameters()) == 3 * 9 * 4 + 8 + 4 * 9 * 4 + 4 + 4 * 5 + 5
    assert [name for name in module.state_dict() if "conv" in name and "weight" in name] == [
        "branch1.tower1.conv1.weight",
        "branch1.tower1.conv2.weight",
    ]
    first, second = (netdsl.feature_maps(module.eval(), [f"branch{i}.tower1.conv1"]) for i in (1, 2))
    x = torch.randn(2, 3, 16, 16)
    small = functional.interpolate(functional.max_pool2d(x, 2), scale_factor=2)
    torch.testing.assert_close(second(x)["branch2.tower1.conv1"], first(small)["branch1.tower1.conv1"])
    once = compile_network("net one { input 3x16x16 C3-4 B R P C3-4 R G F5 }")
    assert network.macs == 2 * once.macs - 4 * 5
    assert network.depth == once.depth


def test_a_bias_stays_where_one_use_keeps_it():
    norms = "add { shared B | shared B } G F2"
    kept = "add { shared B | shared } G F2"
    for uses, bias in ((norms, False), (kept, True)):
        network = compile_network(f"net a {{ input 3x8x8 share shared {{ C3-4 }} {uses} }}")
        assert {n.layer.bias for n in network.nodes if n.layer.name == "conv"} == {bias}
        assert compare(network).differences == ()


def test_a_condition_is_an_index_or_weights():
    module = netdsl.compile(STYLES)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(3, 3, 16, 16)
    each = module(x, torch.tensor([2, 0, 1]))
    for image, style in enumerate((2, 0, 1)):
        torch.testing.assert_close(each[image : image + 1], module(x[image : image + 1], style))
        torch.testing.assert_close(module(x, style), module(x, torch.eye(3)[style]))
    mixed = module(x, [0.25, 0.25, 0.5])
    norm = module.get_submodule("instance_norm1")
    y = functional.instance_norm(module.conv1(x))
    scale, shift = (torch.tensor([0.25, 0.25, 0.5]) @ table for table in (norm.weight, norm.bias))
    expected = y * scale[:, None, None] + shift[:, None, None]
    taps = netdsl.feature_maps(module, ["instance_norm1"])
    torch.testing.assert_close(taps(x, [0.25, 0.25, 0.5])["instance_norm1"], expected)
    assert mixed.shape == (3, 5)


@pytest.mark.parametrize("condition", [3, -1, torch.tensor([0, 1, 5]), [0.5, 0.5], torch.zeros(2, 3, 1)])
def test_a_condition_out_of_range_is_refused(condition):
    module = netdsl.compile(STYLES)
    with pytest.raises(DiagnosticsError, match="NET560"):
        module(torch.randn(3, 3, 16, 16), condition)


def test_a_variant_can_bring_the_condition():
    text = "net a { input 3x16x16 C3-4 I R G F5 } net b = a with { condition style(6); I -> I{style} }"
    plain, styled = (Pipeline.of(text).compile(name).network for name in "ab")
    assert styled.params - plain.params == 5 * 8
    assert dict(styled.conditions) == {"style": 1}
    assert Pipeline.of(text).compile("a", with_rules="condition s(2); I -> I{s}").network.params == plain.params + 8


def test_modules_are_exported_and_copied():
    for net, arguments in (
        ("both", (torch.randn(2, 3, 16, 16),)),
        ("auto", (torch.randn(2, 1, 29, 29),)),
        ("twins", (torch.randn(2, 3, 16, 16),)),
    ):
        module = netdsl.compile(NETS[net]).eval()
        exported = torch.export.export(module, arguments).module()
        torch.testing.assert_close(exported(*arguments), module(*arguments))
        torch.testing.assert_close(copy.deepcopy(module)(*arguments), module(*arguments))


def test_a_variant_leaves_out_a_condition_that_nothing_uses():
    text = "net a { input 3x16x16 condition style(3) C3-4 I{style} R G F5 } net b = a with { I -> B }"
    network = Pipeline.of(text).compile("b").network
    assert dict(network.conditions) == {}
    without = "I -> instance_norm(eps=1e-5)"  # a bare `I` would be the op it rewrites, condition and all
    plain = netdsl.compile("input 3x16x16 condition s(2) C3-4 I{s} G F5", with_rules=without)
    assert plain(torch.randn(2, 3, 16, 16)).shape == (2, 5)
    kept = Pipeline.of(text).compile("a", with_rules="I{c} -> gelu I{c}").network
    assert [node.layer.code for node in kept.nodes[2:5]] == ["C3-4", "gelu", "I{style}"]


@pytest.mark.parametrize("name", ["self", "torch", "x", "len"])
def test_a_condition_cannot_have_a_name_of_the_module(name):
    text = f"input 3x16x16 condition {name}(2) C3-4 I{{{name}}} G F5"
    assert [d.code for d in Pipeline.of(text).compile().errors] == ["NET212"]


def test_a_condition_as_an_index_is_exported():
    module = netdsl.compile(STYLES).eval()
    arguments = (torch.randn(2, 3, 16, 16), torch.tensor([0, 2]))
    torch.testing.assert_close(torch.export.export(module, arguments).module()(*arguments), module(*arguments))


def test_tied_and_shared_modules_can_be_saved(tmp_path):
    for net, shape in (("both", (3, 16, 16)), ("auto", (1, 29, 29))):
        module, x = netdsl.compile(NETS[net]).eval(), torch.randn(2, *shape)
        torch.save(module, tmp_path / net)
        torch.testing.assert_close(torch.load(tmp_path / net, weights_only=False)(x), module(x))
