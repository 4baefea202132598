"""Which layer made which channel: by hand, and against torch, which carries marked channels through the net."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.origins import cut, origins
from netdsl.lowering import feature_maps, to_torch

IMAGE = FeatureMap(4, (8, 8))


def at(text: str, name: str) -> list[tuple[str, int]]:
    network = compile_network(text, given=IMAGE)
    index = next(i for i, node in enumerate(network.nodes) if node.name == name)
    return [(network.nodes[source].name, count) for source, count in origins(network)[index]]


def test_dense_layers_stand_behind_each_other() -> None:
    text = "C3-6 dense { B R C3-2 }*3 B R P C1-5"
    made = [("conv1", 6), ("dense1.conv1", 2), ("dense2.conv1", 2), ("dense3.conv1", 2)]
    assert at(text, "dense3.concat1") == made
    assert at(text, "max_pool1") == made
    assert at(text, "conv2") == [("conv2", 5)]


def test_the_input_is_a_source_too() -> None:
    assert at("concat { id | C3-3 } R C1-2", "relu1") == [("input", 4), ("branch2.conv1", 3)]


def test_a_sum_makes_maps_of_its_own() -> None:
    assert at("C3-6 add { id | C3-6 } R C1-2", "relu1") == [("add1", 6)]


def test_neighbours_of_one_layer_are_one_run() -> None:
    assert at("C3-6 split { R | tanh } C1-2", "split1") == [("conv1", 6)]


def test_slices_take_their_channels() -> None:
    assert cut(((1, 4), (2, 4)), 2, 6) == ((1, 2), (2, 2))
    assert cut(((1, 4), (2, 4)), 0, 4) == ((1, 4),)


def test_flattening_gives_a_channel_all_its_pixels() -> None:
    assert at("C3-2 P4 concat { id | C1-3 } flatten F2", "flatten1") == [("conv1", 8), ("branch2.conv1", 12)]


@pytest.mark.parametrize("net", ["densenet", "densenet121", "shufflenet_v2", "unet", "inception_v4", "fractalnet"])
def test_every_channel_has_one_origin(net: str) -> None:
    network = compile_network(net)
    for node, runs in zip(network.nodes, origins(network), strict=True):
        assert sum(count for _, count in runs) == node.output.channels
        assert all(count > 0 for _, count in runs)


def test_shuffling_deals_channels_out_as_torch_does() -> None:
    """Convolutions that give a constant mark their channels; the marks come out where the origins say."""
    network = compile_network("concat { C1-6 | C1-3 } shuffle(3) C1-1", given=IMAGE)
    module = to_torch(network).eval()
    names = [node.name for node in network.nodes]
    marks = {"branch1.conv1": 1.0, "branch2.conv1": 2.0}
    with torch.no_grad():
        for name, mark in marks.items():
            module.get_submodule(name).weight.zero_()
            module.get_submodule(name).bias.fill_(mark)
        found = feature_maps(module, ["shuffle1"])(torch.zeros(1, 4, 8, 8))["shuffle1"][0, :, 0, 0]
    runs = origins(network)[names.index("shuffle1")]
    assert [marks[names[source]] for source, count in runs for _ in range(count)] == found.tolist()
