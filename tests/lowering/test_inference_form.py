"""The form that only infers gives what the plain one gives in evaluation."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import netdsl
from netdsl.compiler import Pipeline
from netdsl.lowering import network_of, to_torch
from netdsl.lowering.inference_form import inference_form
from netdsl.modules.dealt import BlockConv2d, PhaseConv2d
from netdsl.modules.picture_norm import PictureNorm

NETS = {
    "pastiche": {},
    "deep_image_prior": {},
    "unet": {"input": (1, 188, 188)},
    "resnet": {},
    "densenet": {"depth": 10, "drop": 0.2},
    "googlenet": {"input": (3, 96, 96)},
    "squeezenet": {"input": (3, 48, 48)},
    "mobilenet_v2": {"input": (3, 32, 32)},
    "convnext_tiny": {"input": (3, 64, 64)},
    "autoencoder": {},
    "fractalnet": {},
    "c3d": {"input": (3, 16, 64, 64)},
    "text_cnn": {},
}

LAYERS = (
    *("R", "P2", "P3/2", "A2", "A3/1p1", "G", "S", "D.5", "U2", "I", "B", "tanh(scale=2)", "R6", "sigmoid"),
    *("leaky_relu(0.1)", "elu", "gelu", "silu", "hardswish", "hardsigmoid", "prelu", "times(0.17)", "l2_norm"),
    *("L5", "upsample(2, mode=bilinear)", "pad(1, mode=reflect)", "pad(1, mode=replicate)", "pad(1)", "shuffle(2)"),
    *("maxout(2)", "spatial_dropout(.1)", "split { R | id }", "mul { id | sigmoid }", "mean { id | R }"),
    *("max { id | R }", "gate { sigmoid | R | id }", "concat { R | id }", "layer_norm", "group_norm(2)"),
    *("scale(init=1)", "local(3, 4)", "T2-8/2", "P2 @p C3-8 unpool(@p)", "residual(shortcut=pad) { C3-16/2 }"),
)


def sharp(module, dtype=torch.float64):
    """In evaluation, with scales, shifts and running statistics that leave nothing as it was."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if "norm" in name and tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    return module.to(dtype).eval()


def picture(module, images=2, dtype=torch.float64):
    shape = network_of(module).input.shape
    torch.manual_seed(1)
    if "embedding" in {node.layer.name for node in network_of(module).nodes}:
        return torch.randint(0, 50, (images, *shape))
    return torch.randn(images, *shape, dtype=dtype)


def parts(form, kind):
    return [module for module in form.modules() if isinstance(module, kind)]


@pytest.mark.parametrize("name", NETS)
def test_outputs_are_the_same_up_to_rounding(name):
    module = sharp(netdsl.compile(name, **NETS[name]))
    x = picture(module)
    before = x.clone()
    with torch.no_grad():
        expected = module(x)
    found = inference_form(module, torch.float64)(x)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    assert torch.equal(x, before)


@pytest.mark.parametrize("name", ["pastiche", "resnet", "googlenet", "convnext_tiny", "autoencoder", "text_cnn"])
def test_bfloat16_is_near(name):
    """As near as torch's autocast comes, with some room."""
    module = sharp(netdsl.compile(name, **NETS[name]), torch.float32)
    x = picture(module, dtype=torch.float32)
    form = inference_form(module, torch.bfloat16)
    with torch.no_grad():
        expected = module(x)
        with torch.autocast("cpu", torch.bfloat16):
            cast = module(x)
    found = form(x)
    assert found.dtype == torch.float32
    assert not torch.equal(found, expected) or name == "text_cnn"
    assert (found - expected).square().mean() <= 2 * (cast - expected).square().mean() + 1e-12


@pytest.mark.parametrize("layer", [*LAYERS, *(f"{size}:{layer}" for size in ("16", "8x8x8") for layer in LAYERS[:12])])
def test_every_layer_has_a_place_in_bfloat16(layer):
    """Between two convolutions; of one and three axes as well."""
    size, _, text = layer.rpartition(":")
    module = sharp(netdsl.compile(f"net a {{ input 3x{size or '12x12'} C3-8 {text} C1-4 }}"), torch.float32)
    x = picture(module, dtype=torch.float32)
    with torch.no_grad():
        assert 0 < (inference_form(module, torch.bfloat16)(x) - module(x)).abs().max() < 0.1


def test_pastiche_is_folded_fused_and_dealt():
    form = inference_form(netdsl.compile("pastiche"))
    assert len(parts(form, PhaseConv2d)) == 2
    assert [conv.block for conv in parts(form, BlockConv2d)] == [(2, 2)]
    norms = parts(form, PictureNorm)
    assert (len(norms), sum(norm.relu for norm in norms)) == (16, 10)
    assert all(norm.over for norm in norms)
    assert not parts(form, nn.InstanceNorm2d | nn.ReLU | nn.Upsample)


@pytest.mark.parametrize("size", [(16, 16), (37, 53), (64, 41)])
def test_any_size(size):
    module = sharp(netdsl.compile("pastiche"))
    torch.manual_seed(1)
    x = torch.randn(1, 3, *size, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(inference_form(module, torch.float64)(x), module(x), rtol=1e-9, atol=1e-8)


def six_styles(dtype=torch.float64):
    network = Pipeline.of("nets/pastiche.net").compile("pastiche_six").network
    return sharp(to_torch(network), dtype)


@pytest.mark.parametrize(
    "given", [2, torch.tensor([0, 5]), torch.tensor([0.1, 0.2, 0.3, 0.4, 0, 0]), torch.eye(6, dtype=torch.float64)[:2]]
)
def test_conditions(given):
    module = six_styles()
    x = torch.randn(2, 3, 24, 20, dtype=torch.float64)
    with torch.no_grad():
        expected = module(x, given)
    torch.testing.assert_close(inference_form(module, torch.float64)(x, given), expected, rtol=1e-9, atol=1e-8)


def test_a_mixture_in_bfloat16_is_near():
    module = six_styles(torch.float32)
    x = 100 * nn.functional.interpolate(torch.randn(1, 3, 8, 8), size=(64, 64))
    weights = torch.full((6,), 1 / 6)
    with torch.no_grad():
        found, expected = inference_form(module, torch.bfloat16)(x, weights), module(x, weights)
    assert 0 < (found - expected).abs().mean() < 3  # of 150


PIECES = (
    "U2 C3-4 R",
    "U2 C3-3b I R",
    "U3x2 C5-2v R",
    "U2 C3-4g2b B R",
    "U2 C3wb",
    "U2 C1-4b",
    "U2 add { C3-4 | C5-4b R }",
    "U2 C3-4d2 I",
    "C3-2 I tanh(scale=3) R",
    "C3-4/2b R",
    "C3-4 add { R | id } R",
    "C3-4 B add { C3-4 I R | C1-4 R } R",
    "C3-8b split { R | C3-4 I } R",
    "C3-4 instance_norm(affine=false) R",
    "R R",
    "I R I",
    "add { I R | I }",
    "add { id | id }",
    "concat { R | I R } C3-4",
    "D.5 R C9-1b R",
    "P2/1 R",
    "C3-4 gate { sigmoid | I R | id }",
    "C3-4 @c R add { id | C3-4 } crop(@c)",
    "pad(1, mode=reflect) C3-4v I R",
    "upsample(2, mode=bilinear) C3-4 I R",
)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4, unique=True),
    st.tuples(st.integers(7, 11), st.integers(7, 11)),
    st.data(),
)
def test_random_nets(pieces, size, data):
    text = f"net a {{ input 4x{size[0]}x{size[1]}  {'  C1-4  '.join(pieces)} }}"
    module = sharp(netdsl.compile(text))
    x = picture(module)
    with torch.no_grad():
        expected = module(x)
    torch.testing.assert_close(inference_form(module, torch.float64)(x), expected, rtol=1e-7, atol=1e-7)


def test_feature_maps_have_forms_too():
    """What a map is taken of is not written over."""
    module = sharp(netdsl.compile("net a { input 3x16x16 C3-4 I R U2 C3-4 @up R C3-4 add { R | id } }"))
    names = ["conv1", "instance_norm1", "relu1", "up", "relu2", "conv2", "input"]
    tapped = netdsl.feature_maps(module, names)
    x = picture(module)
    with torch.no_grad():
        expected = tapped(x)
    found = inference_form(tapped, torch.float64)(x)
    assert list(found) == names
    for name in names:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-9, atol=1e-9)


def test_weights_are_shared_and_modes_are_not():
    module = netdsl.compile("net a { input 3x8x8 C3-16 B R D.5 G F2 }").train()
    form = inference_form(module)
    assert {id(p) for p in form.parameters()} == {id(p) for p in module.parameters()}
    assert module.batch_norm1.training
    form.train()
    x = torch.randn(4, 3, 8, 8)
    found = form(x)
    assert not found.requires_grad
    assert module.batch_norm1.num_batches_tracked == 0
    torch.testing.assert_close(found, module.eval()(x))


def test_a_net_with_heads_gives_its_main_output():
    module = sharp(netdsl.compile("net a { input 3x8x8 C3-4 R head side { C3-4 G F2 } C3-4 I R G F2 }"))
    x = picture(module)
    torch.testing.assert_close(inference_form(module, torch.float64)(x), module(x), rtol=1e-9, atol=1e-9)


def test_what_is_shared_or_tied_keeps_its_weights():
    text = "net a { input 3x8x8 C3-4b @c I R C1-4 I R tied(@c) }"
    module = sharp(netdsl.compile(text))
    x = picture(module)
    torch.testing.assert_close(inference_form(module, torch.float64)(x), module(x), rtol=1e-9, atol=1e-9)
    low = inference_form(module.float(), torch.bfloat16)(x.float())
    assert (low - module(x.float())).abs().max() < 0.1
