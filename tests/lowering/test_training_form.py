"""The form that trains fast gives what the plain one gives."""

import pytest
import torch

import netdsl
from netdsl.lowering import network_of
from netdsl.lowering.training_form import training_form
from netdsl.planning.budget import within
from netdsl.planning.form import plain
from netdsl.planning.in_place import in_place
from netdsl.planning.peak import peak_bytes

NETS = {
    "resnet": {},
    "densenet": {"depth": 10, "drop": 0.2},
    "vgg16": {"input": (3, 32, 32)},
    "googlenet": {"input": (3, 96, 96)},
    "squeezenet": {"input": (3, 48, 48)},
    "mobilenet_v2": {"input": (3, 32, 32)},
    "fractalnet": {},
    "unet": {"input": (1, 188, 188)},
    "autoencoder": {},
}


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for part in (value.values() if isinstance(value, dict) else value) for t in tensors(part)]


def step(module, run, x):
    """All outputs, gradients and buffers of a step; dropout draws the same masks each time."""
    torch.manual_seed(3)
    x = x.clone().requires_grad_()
    outputs = tensors(run(x))
    loss = sum((torch.linspace(-1, 1, y.numel()).reshape(y.shape) * y).sum() for y in outputs)
    gradients = torch.autograd.grad(loss, [x, *module.parameters()], allow_unused=True)
    return [*outputs, *gradients], [b.clone() for b in module.buffers()]


@pytest.mark.parametrize("name", NETS)
def test_outputs_gradients_and_statistics_are_the_same_bits(name):
    torch.manual_seed(0)
    module = netdsl.compile(name, **NETS[name]).train()
    form = training_form(module, plain(network_of(module)))
    x = torch.randn(2, *network_of(module).input.shape)
    state = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    once, statistics = step(module, module, x)
    module.load_state_dict(state)
    fast, same_statistics = step(module, form, x)
    assert (len(in_place(network_of(module))) > 0) == (name != "mobilenet_v2")
    for ours, theirs in zip((*once, *statistics), (*fast, *same_statistics), strict=True):
        assert (ours is None and theirs is None) or torch.equal(ours, theirs)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("share", [0.8, 0.0])
def test_what_is_computed_again_is_the_same_to_the_bit(name, share):
    """Dropout's masks and running statistics too."""
    torch.manual_seed(0)
    module = netdsl.compile(name, **NETS[name]).train()
    network = network_of(module)
    images = 1000  # so many that the weights do not count
    found = within(network, images, int(share * peak_bytes(plain(network), images)))
    if isinstance(found, int):
        found = within(network, images, found)  # the lowest there is
    assert found.segments
    x = torch.randn(2, *network.input.shape)
    state = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    once, statistics = step(module, training_form(module, plain(network)), x)
    module.load_state_dict(state)
    again, same_statistics = step(module, training_form(module, found), x)
    for ours, theirs in zip((*once, *statistics), (*again, *same_statistics), strict=True):
        assert (ours is None and theirs is None) or torch.equal(ours, theirs)


def test_feature_maps_stay_those_of_the_plain_form():
    """A norm's output is its own, though the form that trains writes over it."""
    torch.manual_seed(0)
    module = netdsl.compile("net a { input 3x8x8 C3-4 B R G F2 }").train()
    form = training_form(module, plain(network_of(module)))
    x = torch.randn(4, 3, 8, 8)
    form(x)
    maps = netdsl.feature_maps(module, ["batch_norm1", "relu1"])(x)
    assert maps["batch_norm1"].min() < 0 <= maps["relu1"].min()
    assert torch.equal(maps["batch_norm1"].relu(), maps["relu1"])


def test_weights_and_modes_are_shared():
    module = netdsl.compile("net a { input 3x8x8 C3-4 B R D.5 G F2 }").train()
    form = training_form(module, plain(network_of(module)))
    assert {id(p) for p in form.parameters()} == {id(p) for p in module.parameters()}
    x = torch.randn(4, 3, 8, 8)
    module.eval()
    assert torch.equal(form(x), module(x))
