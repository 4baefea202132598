"""The convolution with a table of connections, starting with LeNet-5's C3."""

import torch

from .making import codes, early_problems, fmap, make

TABLE_I = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
X = fmap("6x14x14")


def test_lenets_third_layer() -> None:
    """1,516 parameters and 151,600 connections, as the paper prints, which counts the biases among the latter."""
    c3 = make("conv_table", X, kernel_size=5, connections=TABLE_I, padding="valid")
    assert (str(c3.output(X)), c3.params(X)) == ("16x10x10", 1_516)
    assert c3.macs(X) + 16 * 100 == 151_600
    assert c3.weighted
    assert c3.code.startswith("conv_table(5, connections=[0,1,2; 1,2,3;")


def test_each_map_sees_its_row_and_nothing_else() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 6, 9, 9)
    layer = make("conv_table", X, kernel_size=3, connections=((4, 1), (0, 5), (2,), (3, 0, 1)), stride=2)
    module = layer.lower(X)
    y = module(x)
    start = 0
    for number, row in enumerate(layer.connections):
        weight = module.weight[start : start + len(row)]
        alone = torch.nn.functional.conv2d(x[:, row], weight[None], module.bias[number : number + 1], 2, 1)
        torch.testing.assert_close(y[:, number : number + 1], alone)
        start += len(row)


def test_a_full_table_is_a_convolution() -> None:
    full = make("conv_table", X, kernel_size=3, connections=(tuple(range(6)),) * 8)
    conv = make("C", X, kernel_size=3, out_channels=8)
    assert (full.params(X), full.macs(X), full.output(X)) == (conv.params(X), conv.macs(X), conv.output(X))


def test_a_single_row_is_a_plain_list() -> None:
    layer = make("conv_table", X, kernel_size=3, connections=(0, 2))
    assert (str(layer.output(X)), layer.params(X)) == ("1x14x14", 2 * 9 + 1)
    assert layer.code == "conv_table(3, connections=[0,2])"


def test_first_weights_lie_within_the_bound_of_their_row() -> None:
    module = make("conv_table", X, kernel_size=5, connections=TABLE_I).lower(X)
    few, many = module.weight[:3].abs().max(), module.weight[-6:].abs().max()
    assert 0.1 < few < 75**-0.5
    assert 0.07 < many < 150**-0.5


def test_what_is_no_table_or_counts_from_one() -> None:
    for table in (3, (), ((0, 1), ()), (0, 0), (0, -1), (0, 1.5), (True,)):
        assert codes(early_problems("conv_table", X, kernel_size=5, connections=table)) == ["NET206"], table
    assert codes(make("conv_table", X, kernel_size=5, connections=(1, 6)).problems(X)) == ["NET316"]
    assert codes(make("conv_table", X, kernel_size=15, connections=(1, 5), padding=0).problems(X)) == ["NET304"]
    assert codes(early_problems("conv_table", X, kernel_size=2, connections=(1, 5))) == ["NET305"]
