"""Convolutions, starting with the numbers of AlexNet, VGG and MobileNet."""

import pytest

from .making import codes, early_problems, fmap, make


def test_alexnets_first_layer() -> None:
    x = fmap("3x224x224")
    conv = make("C", x, kernel_size=11, out_channels=96, stride=4, padding=2)
    assert str(conv.output(x)) == "96x55x55"
    assert conv.params(x) == 34_944
    assert conv.macs(x) == 105_415_200
    assert conv.code == "C11-96/4p2"


def test_vggs_first_two_layers() -> None:
    x = fmap("3x224x224")
    first = make("C", x, kernel_size=3, out_channels=64)
    second = make("C", first.output(x), kernel_size=3, out_channels=64)
    assert (first.params(x), second.params(first.output(x))) == (1_792, 36_928)
    assert (first.macs(x), second.macs(first.output(x))) == (86_704_128, 1_849_688_064)
    assert first.code == "C3-64"


def test_mobilenets_first_depthwise_layer() -> None:
    x = fmap("32x112x112")
    conv = make("C", x, kernel_size=3, out_channels=32, groups="depthwise", bias=False)
    assert (conv.params(x), conv.macs(x)) == (288, 3_612_672)
    assert conv.code == "C3-32g32"


@pytest.mark.parametrize(
    ("given", "code", "output"),
    [
        ({"kernel_size": (1, 7)}, "C1x7-8", "8x17x17"),
        ({"kernel_size": (7, 1), "stride": (2, 1)}, "C7x1-8/2x1", "8x9x17"),
        ({"kernel_size": 3, "padding": "valid"}, "C3-8v", "8x15x15"),
        ({"kernel_size": 3, "padding": "full"}, "C3-8p2", "8x19x19"),
        ({"kernel_size": 3, "dilation": 2}, "C3-8d2", "8x17x17"),
        ({"kernel_size": 2, "padding": "valid"}, "C2-8v", "8x16x16"),
        ({"kernel_size": 2, "dilation": 2}, "C2-8d2", "8x17x17"),
        ({"kernel_size": 1, "padding": 1}, "C1-8p1", "8x19x19"),
        ({"kernel_size": 1, "padding": "valid"}, "C1-8", "8x17x17"),
    ],
)
def test_the_code_is_the_shortest_text(given: dict[str, object], code: str, output: str) -> None:
    x = fmap("4x17x17")
    conv = make("C", x, out_channels=8, **given)
    assert (conv.code, str(conv.output(x))) == (code, output)


@pytest.mark.parametrize(("x", "params", "macs"), [("1x100", 64, 4_800), ("1x16x16x16", 448, 1_769_472)])
def test_one_and_three_axes(x: str, params: int, macs: int) -> None:
    conv = make("C", fmap(x), kernel_size=3, out_channels=16)
    assert (conv.params(fmap(x)), conv.macs(fmap(x))) == (params, macs)


def test_groups_must_divide_both_channel_counts() -> None:
    x = fmap("48x8x8")
    (problem,) = make("C", x, kernel_size=3, out_channels=64, groups=32).problems(x)
    assert problem.code == "NET302"
    assert problem.found == "in_channels=48, out_channels=64"
    assert problem.replacement == "C3-64g16"


def test_a_help_keeps_the_bias_that_was_typed() -> None:
    x = fmap("48x8x8")
    (problem,) = make("C", x, kernel_size=3, out_channels=64, groups=32, bias=False).problems(x)
    assert problem.replacement == "C3-64g16n"


def test_a_kernel_larger_than_its_input() -> None:
    x = fmap("3x4x4")
    (problem,) = make("C", x, kernel_size=5, out_channels=8, padding="valid").problems(x)
    assert problem.code == "NET304"
    assert problem.found == "4 pixels (3x4x4 with padding 0)"
    assert problem.help == "write `C4-8v`, a kernel that fits (392 parameters)"


def test_half_padding_of_an_even_kernel() -> None:
    (problem,) = early_problems("C", fmap("3x8x8"), kernel_size=(3, 2), out_channels=8)
    assert (problem.code, problem.replacement) == ("NET305", "C3x2-8v")


def test_even_dilation_makes_an_even_kernel_symmetric() -> None:
    assert not early_problems("C", fmap("3x8x8"), kernel_size=2, out_channels=8, dilation=2)
    assert codes(early_problems("C", fmap("3x8x8"), kernel_size=2, out_channels=8, dilation=(2, 1))) == ["NET305"]


def test_numbers_for_other_axes_than_the_input_has() -> None:
    (problem,) = early_problems("C", fmap("3x8x8x8"), kernel_size=(3, 3), out_channels=8)
    assert (problem.code, problem.expected, problem.found) == ("NET303", "3 numbers, or one for all axes", "3x3")


def test_squeezenets_first_layer_leaves_a_row_and_a_column_unread() -> None:
    x = fmap("3x224x224")
    conv = make("C", x, kernel_size=3, out_channels=64, stride=2, padding="valid")
    (warning,) = conv.warnings(x)
    assert warning.code == "NET350"
    assert warning.found == "1 row and 1 column at the end of the input, 3x224x224, in no window"
    assert warning.replacement == "C3-64/2"


@pytest.mark.parametrize(
    ("net", "x", "given"),
    [
        ("alexnet", "3x224x224", {"kernel_size": 11, "stride": 4, "padding": 2}),
        ("zfnet", "3x224x224", {"kernel_size": 7, "stride": 2, "padding": 1}),
        ("resnet's projection reads every second pixel on purpose", "64x56x56", {"kernel_size": 1, "stride": 2}),
        ("resnet, a stage's first layer", "64x56x56", {"kernel_size": 3, "stride": 2}),
    ],
)
def test_no_warning_where_every_border_pixel_is_read(net: str, x: str, given: dict[str, object]) -> None:
    assert not list(make("C", fmap(x), out_channels=64, **given).warnings(fmap(x)))


def test_a_bias_that_is_not_settled_counts() -> None:
    x = fmap("3x8x8")
    given = ({}, {"bias": True}, {"bias": False})
    assert [make("C", x, kernel_size=3, out_channels=8, **g).params(x) for g in given] == [224, 224, 216]
