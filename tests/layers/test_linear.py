"""Fully and locally connected layers, starting with VGG's and DeepFace's."""

import torch

from .making import codes, early_problems, fmap, make


def test_vggs_first_fully_connected_layer() -> None:
    x = fmap("512x7x7")
    linear = make("F", x, out_features=4096)
    assert (str(linear.output(x)), linear.params(x), linear.macs(x)) == ("4096", 102_764_544, 102_760_448)
    assert (linear.code, linear.reach(x)) == ("F4096", "whole map")
    assert make("FC", x, out_features=4096) == linear


def test_vggs_classifier_on_a_vector() -> None:
    x = fmap("4096")
    linear = make("F", x, out_features=1000)
    assert linear.params(x) == 4_097_000
    assert make("F", x, out_features=1000, bias=False).params(x) == 4_096_000


def test_the_module_flattens_channels_first() -> None:
    x = torch.randn(3, 2, 4, 5)
    module = make("F", fmap("2x4x5"), out_features=7).lower(fmap("2x4x5"))
    torch.testing.assert_close(module(x), torch.nn.functional.linear(x.flatten(1), module.weight, module.bias))


def test_a_number_is_required() -> None:
    assert codes(early_problems("F", fmap("512x7x7"))) == ["NET205"]


def test_flatten() -> None:
    assert str(make("flatten", fmap("512x7x7")).output(fmap("512x7x7"))) == "25088"


def test_deepfaces_first_local_layer() -> None:
    x = fmap("16x63x63")
    local = make("local", x, kernel_size=9, out_channels=16, padding="valid")
    assert str(local.output(x)) == "16x55x55"
    assert local.params(x) == 16 * 55 * 55 * (16 * 9 * 9 + 1) == 62_774_800
    assert local.macs(x) == 16 * 55 * 55 * 16 * 9 * 9
    assert local.code == "local(9, 16, padding=0)"


def test_a_local_layer_pads_as_a_convolution_does() -> None:
    x = fmap("4x9x9")
    local = make("local", x, kernel_size=3, out_channels=16, stride=2)
    assert (str(local.output(x)), local.code) == ("16x5x5", "local(3, 16, stride=2)")
    assert codes(early_problems("local", x, kernel_size=2, out_channels=16)) == ["NET305"]
    assert codes(make("local", x, kernel_size=11, out_channels=16, padding=0).problems(x)) == ["NET304"]


def test_weighted_layers_count_for_the_depth() -> None:
    x = fmap("4x9x9")
    assert make("F", x, out_features=10).weighted
    assert make("local", x, kernel_size=3, out_channels=16).weighted
    assert not make("flatten", x).weighted
