"""Mean squared weights by source: planted by hand, and against slices of a DenseNet's own weights."""

import json

import numpy as np
import pytest
import torch

from netdsl import DiagnosticsError, compile_network, save_weights
from netdsl.geometry import FeatureMap
from netdsl.lowering import to_torch
from netdsl.seeing.reuse import Block, open_net, reuse, save_arrays

SMALL = "net small { input 3x8x8 C3-4 (dense { B R C3-2 }*3) @block B R C1-3 P (dense { B R C3-2 }*2) @next G F5 }"


def opened(text: str, image: FeatureMap | None = None):
    torch.manual_seed(0)
    network = compile_network(text, given=image)
    return network, to_torch(network)


def test_planted_weights() -> None:
    """Weights 1, 2 and 3 to the channels of three layers give 1, 4 and 9 however many channels each has."""
    network, module = opened("net x { input 3x8x8 C3-4 dense { B R C3-2 }*2 B R C1-3 }")
    with torch.no_grad():
        weight = module.get_submodule("conv2").weight
        weight[:, :4], weight[:, 4:6], weight[:, 6:] = 1, -2, 3
        module.get_submodule("dense2.conv1").weight.zero_()
    (block,) = reuse(network, module).blocks
    assert block.sources == ("conv1", "dense1.conv1", "dense2.conv1")
    assert block.layers == ("dense1.conv1", "dense2.conv1", "conv2")
    assert [row[2] for row in block.importance()] == [1, 4, 9]
    assert [row[2] for row in block.scaled()] == pytest.approx([1 / 9, 4 / 9, 1])
    assert [row[1] for row in block.scaled()] == [0, 0, None]
    assert [row[0] for row in block.scaled()] == [1, None, None]


def test_every_number_is_a_slice_of_the_weights() -> None:
    network, module = opened(SMALL)
    first, second = reuse(network, module).blocks
    assert (first.name, second.name) == ("block", "next")
    assert first.layers == ("block.dense1.conv1", "block.dense2.conv1", "block.dense3.conv1", "conv2")
    assert second.layers == ("next.dense1.conv1", "next.dense2.conv1", "linear1")
    edges = {"conv1": (0, 4), "block.dense1.conv1": (4, 6), "block.dense2.conv1": (6, 8), "block.dense3.conv1": (8, 10)}
    for row, source in zip(first.importance(), first.sources, strict=True):
        for value, layer in zip(row, first.layers, strict=True):
            weight = module.get_submodule(layer).weight.detach().double()
            start, end = edges[source]
            if end > weight.shape[1]:
                assert value is None
            else:
                assert value == pytest.approx(float(weight[:, start:end].square().mean()))


def test_the_numbers_of_single_maps_are_equation_4_4() -> None:
    network, module = opened(SMALL)
    first = reuse(network, module).blocks[0]
    assert first.maps.shape == (10, 4)
    for j, layer in enumerate(first.layers):
        f = module.get_submodule(layer).weight.detach().double().numpy()
        filters, channels, height, width = f.shape
        for i in range(10):
            m = sum((f[o, i] ** 2).sum() for o in range(filters)) / (filters * height * width) if i < channels else 0
            assert first.maps[i, j] == pytest.approx(m)


def test_each_column_has_its_largest_at_one() -> None:
    network, module = opened("densenet")
    found = reuse(network, module)
    assert [len(block.layers) for block in found.blocks] == [13, 13, 13]
    assert [block.name for block in found.blocks] == ["stage1", "stage2", "stage3"]
    for block in found.blocks:
        for column in zip(*block.scaled(), strict=True):
            assert max(value for value in column if value is not None) == 1


def test_the_bottleneck_is_what_reads() -> None:
    network, module = opened("densenet.net:densenet_bc")
    block = reuse(network, module).blocks[0]
    assert block.sources[:2] == ("conv1", "stage1.dense1.conv2")
    assert block.layers[:2] == ("stage1.dense1.conv1", "stage1.dense2.conv1")
    assert len(block.layers) == 17


def test_any_net_that_puts_maps_together() -> None:
    network, module = opened("googlenet")
    named = {block.name: block for block in reuse(network, module).blocks}
    assert named["3b"].sources == ("3a.branch1.conv1", "3a.branch2.conv2", "3a.branch3.conv2", "3a.branch4.conv1")
    assert "behind 5b" in named


def test_layers_that_begin_alike_and_go_on_otherwise_are_two_blocks() -> None:
    text = "C1-2 @a concat { id | C1-3 } C3-4 @b from @a concat { id | C1-5 } C3-6 concat { id | from @b }"
    found = reuse(*opened(f"net x {{ input 3x8x8 {text} C1-2 }}"))
    assert [(block.sources, block.layers) for block in found.blocks] == [
        (("a", "branch2.conv1"), ("branch2.conv1", "b", "branch4.conv1")),
        (("a", "branch4.conv1"), ("conv1",)),
        (("conv1", "b"), ("conv2",)),
    ]
    assert [[value is None for value in row] for row in found.blocks[0].importance()] == [
        [False, False, False],
        [True, False, True],
    ]


def test_groups_see_their_own_channels() -> None:
    network, module = opened("concat { C1-2 | C1-2 } C3-4g2", FeatureMap(3, (8, 8)))
    weight = module.get_submodule("conv1").weight.detach().double()
    (block,) = reuse(network, module).blocks
    expected = [float(weight[:2].square().sum() / (4 * 9) / 2), float(weight[2:].square().sum() / (4 * 9) / 2)]
    assert [row[0] for row in block.importance()] == pytest.approx(expected)


@pytest.mark.parametrize("net", ["vgg16", "resnet"])
def test_a_net_without_such_a_layer_says_so(net: str) -> None:
    network = compile_network(net)
    with torch.device("meta"):
        module = to_torch(network)
    with pytest.raises(DiagnosticsError, match="NET639"):
        reuse(network, module)


def test_what_is_written_is_read_again(tmp_path) -> None:
    network, module = opened(SMALL)
    found = reuse(network, module)
    save_arrays(found, tmp_path / "maps.npz")
    with np.load(tmp_path / "maps.npz") as arrays:
        assert [arrays[name].shape for name in ("block1", "block2")] == [(10, 4), (7, 3)]
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["blocks"][0]["sources"][0] == {
        "name": "conv1",
        "maps": 4,
    }


def test_a_net_with_a_file_of_weights(tmp_path) -> None:
    network, module = opened(SMALL)
    save_weights(module, tmp_path / "w.safetensors")
    again = reuse(*open_net(SMALL, tmp_path / "w.safetensors"))
    assert again.as_json() == reuse(network, module).as_json()


def test_a_run(trained_run) -> None:
    with pytest.raises(DiagnosticsError, match="NET639"):
        reuse(*open_net(str(trained_run)))


def test_weights_that_are_missing_or_twice(trained_run, tmp_path) -> None:
    with pytest.raises(DiagnosticsError, match="NET600"):
        open_net(SMALL)
    with pytest.raises(DiagnosticsError, match="NET600"):
        open_net(str(trained_run), tmp_path / "w.safetensors")


def test_a_column_of_zeros_stays_zeros() -> None:
    block = Block(("a",), (("a", 2),), ("b",), np.zeros((2, 1)), (frozenset({"a"}),))
    assert block.scaled() == [[0.0]]
