"""Transposed convolutions, starting with DCGAN's generator and FCN's upsampling."""

import pytest

from .making import codes, fmap, make


def test_dcgans_generator_doubles_the_map() -> None:
    x = fmap("1024x4x4")
    conv = make("T", x, kernel_size=4, out_channels=512, stride=2, bias=False)
    assert str(conv.output(x)) == "512x8x8"
    assert conv.params(x) == 8_388_608
    assert conv.macs(x) == 134_217_728
    assert conv.code == "T4-512/2"


def test_dcgans_first_layer_on_a_vector_as_one_pixel() -> None:
    x = fmap("100x1x1")
    conv = make("T", x, kernel_size=4, out_channels=1024, padding="valid")
    assert (str(conv.output(x)), conv.code) == ("1024x4x4", "T4-1024v")


def test_fcn32s_takes_its_scores_back_to_the_image() -> None:
    x = fmap("21x16x16")
    conv = make("T", x, kernel_size=64, out_channels=21, stride=32, padding="valid")
    assert str(conv.output(x)) == "21x544x544"


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [2, 3])
def test_same_gives_exactly_size_times_stride(kernel_size: int, stride: int) -> None:
    x = fmap("4x7x5")
    conv = make("T", x, kernel_size=kernel_size, out_channels=4, stride=stride)
    assert conv.output(x).size == (7 * stride, 5 * stride)
    assert not list(conv.problems(x))


def test_an_even_kernel_cannot_keep_the_size() -> None:
    x = fmap("4x7x7")
    (problem,) = make("T", x, kernel_size=2, out_channels=4).problems(x)
    assert (problem.code, problem.replacement) == ("NET309", "T2-4v")


def test_an_output_padding_of_ones_own() -> None:
    x = fmap("4x7x7")
    conv = make("T", x, kernel_size=3, out_channels=4, stride=2, padding=0, output_padding=1)
    assert conv.output(x).size == (16, 16)
    assert conv.code == "conv_transpose(3, 4, stride=2, padding=0, output_padding=1)"
    large = make("T", x, kernel_size=3, out_channels=4, stride=2, output_padding=2)
    assert codes(large.problems(x)) == ["NET309"]


def test_a_padding_that_leaves_nothing() -> None:
    x = fmap("4x2x2")
    (problem,) = make("T", x, kernel_size=3, out_channels=4, padding=2).problems(x)
    assert (problem.code, problem.replacement) == ("NET304", "T3-4v")
