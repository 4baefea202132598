"""Nets with further outputs: what GoogLeNet adds for training, and what is left without it."""

import copy

import pytest
import torch

import netdsl
from netdsl.compiler import Pipeline, compile_network
from netdsl.lowering.compare import compare

SMALL = "input 3x32x32 C3-8 R @a head aux(weight = 0.3) from @a { G F5 } C3-16 R G F10"


@pytest.mark.parametrize(
    ("net", "params", "heads"),
    [
        ("googlenet", 13_378_280, ["aux1", "aux2"]),
        ("bn_googlenet", 13_004_888, ["aux1", "aux2"]),
        ("googlenet_plain", 6_998_552, []),
        ("googlenet_main", 6_624_904, []),
    ],
)
def test_googlenet_with_its_heads_and_without(net, params, heads):
    compilation = Pipeline.of("googlenet").compile(net)
    network = compilation.network
    assert network is not None and not compilation.errors
    assert (network.params, list(network.heads), network.depth) == (params, heads, 22)
    assert all(claim.holds for claim in compilation.claims if not claim.printed)
    assert compare(network).differences == ()


def test_macs_are_those_of_the_main_output():
    with_heads = Pipeline.of("googlenet").compile("googlenet").network
    without = Pipeline.of("googlenet").compile("googlenet", with_rules="drop head").network
    assert with_heads.macs == without.macs == 1_582_671_872
    assert with_heads.params - sum(with_heads.head_counts(head).params for head in with_heads.heads) == without.params


def test_training_gives_all_outputs_and_evaluation_the_main_one():
    module = netdsl.compile(SMALL)
    x = torch.randn(4, 3, 32, 32)
    main, heads = module.train()(x)
    assert (main.shape, {name: y.shape for name, y in heads.items()}) == ((4, 10), {"aux": (4, 5)})
    assert torch.equal(module.eval()(x), main)
    assert [name for name in module.state_dict() if name.startswith("aux")] == [
        "aux.linear1.weight",
        "aux.linear1.bias",
    ]


def test_both_modes_are_traced_and_copied():
    module = netdsl.compile(SMALL)
    x = torch.randn(2, 3, 32, 32)
    for mode, outputs in ((True, 2), (False, 1)):
        module.train(mode)
        assert len(torch.export.export(module, (x,)).graph_signature.user_outputs) == outputs
        twin = copy.deepcopy(module)
        assert twin is not module
        (a, b) = (module(x), twin(x)) if not mode else (module(x)[0], twin(x)[0])
        assert torch.equal(a, b)


def test_feature_maps_of_a_net_with_heads():
    module = netdsl.compile(SMALL)
    taps = netdsl.feature_maps(module, ["a", "aux.linear1"])
    assert {name: tuple(y.shape[1:]) for name, y in taps(torch.randn(2, 3, 32, 32)).items()} == {
        "a": (8, 32, 32),
        "aux.linear1": (5,),
    }


def test_a_head_carries_its_weight_and_loss():
    head = compile_network(SMALL).heads["aux"]
    assert (head.weight, head.loss) == (0.3, "cross_entropy")


LOCALIZER = """net localizer(classes = 10) {
  input 3x32x32
  C3-8 R P  head aux(weight = 0.3) { G F{classes} }
  C3-16 R P
  head label                       { G F{classes} }
  head box(weight = 0.5, loss = l1) { F16 R F4 }
}"""


def test_a_net_that_ends_in_heads_has_them_as_its_outputs():
    network = compile_network(LOCALIZER)
    assert (list(network.heads), network.final_heads, network.output.shape) == (
        ["aux", "label", "box"],
        ("label", "box"),
        (10,),
    )
    module = netdsl.compile(LOCALIZER)
    x = torch.randn(2, 3, 32, 32)
    training, evaluation = module.train()(x), module.eval()(x)
    assert {name: tuple(y.shape) for name, y in training.items()} == {"aux": (2, 10), "label": (2, 10), "box": (2, 4)}
    assert list(evaluation) == ["label", "box"]
    assert all(torch.equal(evaluation[name], training[name]) for name in evaluation)
    assert compare(network).differences == ()


def test_heads_at_the_end_count_for_macs_and_depth():
    network = compile_network(LOCALIZER)
    aux = network.head_counts("aux").macs
    assert network.macs == sum(row.macs for row in network.counts) - aux
    assert network.depth == 4  # two convolutions, F16, F4
    trunk = Pipeline.of(LOCALIZER).compile(with_rules="drop head").network
    assert (trunk.final_heads, trunk.output.shape) == ((), (16, 8, 8))


def test_what_follows_a_head_makes_it_one_for_training_only():
    network = compile_network("net a { input 3x8x8 C3-4 R head x { G F2 } D.5 G F3 }")
    assert (network.final_heads, network.output.shape) == ((), (3,))


@pytest.mark.parametrize("text", [SMALL, LOCALIZER])
def test_modules_with_heads_can_be_saved(text, tmp_path):
    module, x = netdsl.compile(text).eval(), torch.randn(2, 3, 32, 32)
    torch.save(module, tmp_path / "net")
    again = torch.load(tmp_path / "net", weights_only=False)
    assert not again.training
    torch.testing.assert_close(again(x), module(x))
    assert again.state_dict().keys() == module.state_dict().keys()
    torch.testing.assert_close(again.train()(x), module.train()(x))


def test_a_mean_that_a_head_reads_stays():
    text = "input 4x8x8 mean { id | mean { C3-4 | R } head h { G F3 } } G F2"
    assert compare(compile_network(text)).differences == ()
