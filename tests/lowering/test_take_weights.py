"""Weights of one net for another: by name, by stage, by order."""

import itertools
import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netdsl.compiler import compile_network
from netdsl.ir.parts import part, tensor_at, upstream
from netdsl.lowering import to_torch
from netdsl.lowering.take_weights import longest_row, take_weights
from netdsl.lowering.weight_files import read_tensors

from .test_foreign_weights import SQUEEZENET, VGG19, real


def tensors(network):
    with torch.device("meta"):
        return to_torch(network).state_dict()


def taken(theirs, ours, new=(), within=None, **settings):
    one, two = compile_network(theirs), compile_network(ours, settings)
    return take_weights(two, tensors(two), tensors(one), one, new, within)


def test_vggs_way():
    """Configuration A into D: from each stage its first convolutions of A's shapes, and what is fully connected."""
    found = taken("vgg11", "vgg16")
    assert found.how == "by stage"
    assert found.layers == {
        "conv1_1": "stage1.conv1",
        "conv2_1": "stage2.conv1",
        "conv3_1": "stage3.conv1",
        "conv3_2": "stage3.conv2",
        "conv4_1": "stage4.conv1",
        "conv4_2": "stage4.conv2",
        "conv5_1": "stage5.conv1",
        "conv5_2": "stage5.conv2",
        "linear1": "linear1",
        "linear2": "linear2",
        "linear3": "linear3",
    }
    assert found.new == ("conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3")
    assert found.left_over == ()


@pytest.mark.parametrize("deeper", ["vgg13", "vgg16", "vgg19", "vgg16_bn"])
def test_all_of_configuration_a_goes_into_the_deeper_ones(deeper):
    found = taken("vgg11", deeper)
    assert len(found.layers) == 11 and found.left_over == ()


@pytest.mark.parametrize("deeper", ["B", "C", "D", "E"])
def test_the_papers_own_choice(deeper):
    """Section 3.1: the first four convolutions and the last three fully connected layers, by two options."""
    net = compile_network("vgg", {"config": deeper})
    parts = [upstream(net, tensor_at(net, "@stage3")), *(part(net, f"linear{n}") for n in (1, 2, 3))]
    within = {net.nodes[i].name for nodes in parts for i in nodes}
    found = taken("vgg11", "vgg", within=within, config=deeper)
    convolutions = ["stage1.conv1", "stage2.conv1", "stage3.conv1", "stage3.conv2"]
    assert found.layers == {name: name for name in (*convolutions, "linear1", "linear2", "linear3")}


def test_within_some_layers_only():
    found = taken("vgg11", "vgg13", within={"stage1.conv1", "linear3"})
    assert list(found.layers) == ["stage1.conv1", "linear3"]


def test_new_layers_take_nothing_even_if_it_fits():
    found = taken("nets/tiny.net", "nets/tiny.net", new={"linear1"})
    assert (found.new, found.left_over) == (("linear1",), ("linear1",))


def test_another_number_of_classes():
    found = taken("nets/tiny.net", "nets/tiny.net", classes=4)
    assert (found.new, found.how) == (("linear1",), "by name")


def test_an_encoder():
    found = taken("nets/autoencoder.net:stacked_autoencoder", "net c { input 3x32x32 C5-16 R P C3-32 R P F10 }")
    assert found.layers == {"conv1": "c1", "conv2": "c2"}
    assert (found.new, found.left_over) == (("linear1",), ("tied1", "tied2"))


def test_an_encoder_for_larger_images():
    found = taken("nets/autoencoder.net", "net c { input 3x64x64 C3-8 R P C5-16 R C5-16 R G F10 }")
    assert found.layers == {}, "its layer is of the first stage"
    found = taken("nets/autoencoder.net", "net c { input 3x64x64 C5-16 B R P G F10 }")
    assert found.layers == {"conv1": "c"}
    assert set(found.tensors) == {"conv1.weight"}, "a norm follows, so there is no place for the bias"


def test_norms_go_with_their_layer():
    found = taken("net a { input 3x8x8 C3-4 B R C3-5 B R G F2 }", "net b { input 3x8x8 C5-4 B R C3-5 B R G F2 }")
    assert found.how == "by name", "as many tensors by either way"
    found = taken("net a { input 3x8x8 (C3-4 B R C3-5 B R) @x G F2 }", "net b { input 3x8x8 C5-4 B R C3-5 B R G F2 }")
    assert found.layers == {"conv2": "x.conv2", "batch_norm2": "x.batch_norm2", "linear1": "linear1"}


def test_real_files_in_their_order():
    net = compile_network("vgg19")
    found = take_weights(net, tensors(net), read_tensors(real(VGG19)))
    assert found.how == "by order"
    assert found.layers == {
        f"conv{stage}_{n}": f"features.{place}"
        for stage, places in enumerate(((0, 2), (5, 7), (10, 12, 14, 16), (19, 21, 23, 25), (28,)), 1)
        for n, place in enumerate(places, 1)
    }
    net = compile_network("squeezenet", {"classes": 10})
    found = take_weights(net, tensors(net), read_tensors(real(SQUEEZENET)), None, {"conv2"})
    assert (len(found.layers), found.new, found.left_over) == (25, ("conv2",), ("classifier.1",))


@given(st.lists(st.integers(0, 3), max_size=7), st.lists(st.integers(0, 3), max_size=7))
def test_the_longest_row_against_trying_all(ours, theirs):
    """A pair after another in both, and none longer among all choices of places."""
    pairs = list(longest_row(ours, theirs))
    assert all(ours[i] == theirs[j] for i, j in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))

    def rows(items):
        found = {()}
        for item in items:
            found |= {(*row, item) for row in found}
        return found

    assert len(pairs) == max(map(len, rows(ours) & rows(theirs)))


def test_a_net_gets_all_of_itself():
    random.seed(0)
    for net in random.sample(["vgg13", "resnet", "densenet", "googlenet", "squeezenet", "tiny", "nin"], 4):
        found = taken(net, net)
        assert found.new == found.left_over == ()
