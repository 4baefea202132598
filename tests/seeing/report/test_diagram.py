"""Stages of nets that people know."""

import pytest

from netdsl import compile_network
from netdsl.seeing.report.diagram import MOST, Stage, stages


def drawn(net: str) -> list[tuple[str, str, str]]:
    return [(stage.name, stage.output, stage.layers) for stage in stages(compile_network(net))]


def test_vgg16_is_its_five_sizes_and_its_linear_layers() -> None:
    assert drawn("vgg16") == [
        ("input", "3x224x224", ""),
        ("conv1_1 to conv1_2", "64x224x224", "2 conv"),
        ("conv2_1 to conv2_2", "128x112x112", "2 conv"),
        ("conv3_1 to conv3_3", "256x56x56", "3 conv"),
        ("conv4_1 to conv4_3", "512x28x28", "3 conv"),
        ("conv5_1 to conv5_3", "512x14x14", "3 conv"),
        ("max_pool5", "512x7x7", "1 max pool"),
        ("linear1 to linear3", "1000", "3 linear"),
    ]


def test_tags_name_what_ends_in_them() -> None:
    assert [name for name, _, _ in drawn("resnet50")] == [
        *("input", "conv1 to relu1", "stage1", "stage2", "stage3", "stage4", "global_avg_pool1 to linear1"),
    ]
    assert [name for name, _, _ in drawn("googlenet")][3:6] == ["3a to 3b", "4a to 4e", "5a to 5b"]


@pytest.mark.parametrize("net", ["vgg16", "resnet", "densenet", "squeezenet", "unet", "text_cnn", "autoencoder", "c3d"])
def test_every_parameter_is_in_one_stage(net: str) -> None:
    network = compile_network(net)
    assert sum(stage.params for stage in stages(network)) == network.params


def test_heads_of_training_are_left_out() -> None:
    network = compile_network("googlenet")
    heads = sum(network.head_counts(name).params for name in network.heads)
    assert heads > 0
    assert sum(stage.params for stage in stages(network)) == network.params - heads


def test_a_long_net_is_folded_in_its_middle() -> None:
    net = "net long { input 1x65536 " + "(C1-2 R P2)*16 " + "G F3 }"
    made = stages(compile_network(net))
    assert len(made) == MOST + 1
    assert made[MOST // 2].name == "4 more"
    assert made[-1].output == "3"


def test_drawings_are_as_high_as_maps_and_as_wide_as_they_are_many() -> None:
    large, small = (Stage("", "", "", 0, (n, n), 16) for n in (32, 16))
    assert large.height - small.height == pytest.approx(9)
    assert Stage("", "", "", 0, (8, 8), 32).width > Stage("", "", "", 0, (8, 8), 16).width
    assert Stage("", "", "", 0, (), 10).depth == 0
