"""Nets of one family against each other: what differs is what the papers say differs."""

from typing import Any

import pytest

from netdsl.ir.network import Network
from netdsl.lowering.to_torch import to_torch

from .bundled import network


def kinds(found: Network) -> list[str]:
    return [node.layer.name for node in found.nodes]


def weighted(found: Network) -> list[Any]:
    return [node.layer for node in found.nodes if node.layer.weighted]


@pytest.mark.parametrize("depth", [18, 34])
def test_a_plain_net_is_its_residual_net_without_shortcuts(depth: int) -> None:
    """He et al. 2015, section 3.3: options A and B differ in the projections, A and the plain net in no parameter."""
    b, a, plain = (network(f"resnet{depth}", name) for name in (f"resnet{depth}", f"resnet{depth}_a", f"plain{depth}"))
    projections = sum(i * o + 2 * o for i, o in ((64, 128), (128, 256), (256, 512)))
    assert b.params - a.params == projections == 173_824
    assert (a.params, a.macs, a.depth) == (plain.params, plain.macs, plain.depth)
    assert kinds(a).count("add") == kinds(b).count("add") == (depth - 2) // 2
    assert "add" not in kinds(plain) and weighted(plain) == weighted(a)


def test_option_c_projects_in_every_unit() -> None:
    found = network("resnet34", "resnet34_c")
    assert kinds(found).count("conv") == 33 + 16


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_the_place_of_the_stride_changes_macs_and_no_name(depth: int) -> None:
    """Weights of the one load into the other."""
    today, paper = (network(f"resnet{depth}", name) for name in (f"resnet{depth}", f"resnet{depth}_v1"))
    assert [node.name for node in today.nodes] == [node.name for node in paper.nodes]
    assert [row.params for row in today.counts] == [row.params for row in paper.counts]
    assert paper.macs < today.macs


def test_units_of_stochastic_depth_die_linearly_more_often() -> None:
    """Huang et al. 2016, equation 4: unit l of 54 survives with probability 1 - l/54 * (1 - 0.5)."""
    found = network("stochastic_depth", "stochastic_depth")
    death = [node.layer.p for node in found.nodes if node.layer.name == "drop_path"]
    assert death == pytest.approx([unit / 54 * 0.5 for unit in range(1, 55)])
    assert "drop_path" not in kinds(network("resnet_cifar", "resnet_cifar"))


def test_alexnets_towers_as_branches_are_its_groups() -> None:
    groups, towers = network("alexnet", "alexnet_2012"), network("alexnet", "alexnet_towers")
    assert (groups.params, groups.macs, groups.depth) == (towers.params, towers.macs, towers.depth)
    assert [n.layer.out_channels for n in towers.nodes if n.layer.name == "conv"] == [48, 128, 48, 128, 384] + [
        192,
        128,
    ] * 2


def test_lenets_table_connects_as_the_paper_says() -> None:
    """LeCun et al. 1998, section II.B: six maps see three neighbours, nine see four, the last all; ten see each map."""
    (table,) = [n.layer.connections for n in network("lenet5", "lenet5_1998").nodes if n.layer.name == "conv_table"]
    assert [len(row) for row in table] == [3] * 6 + [4] * 9 + [6]
    assert len({frozenset(row) for row in table}) == 16
    assert [sum(number in row for row in table) for number in range(6)] == [10] * 6


def test_a_fractal_joins_all_its_columns_at_once() -> None:
    """Larsson et al. 2016, Figure 1: a mean directly behind a mean is one, of up to as many inputs as columns."""
    found = network("fractalnet", "fractalnet", {"columns": 4, "f": 16})
    joined = [len(node.inputs) for node in found.nodes if node.layer.name == "mean"]
    assert joined == [2, 3, 2, 4] * 5
    assert kinds(found).count("conv") == 5 * (2**4 - 1)


def test_a_highway_layer_starts_as_its_gate_says() -> None:
    """With a gate that stays shut, what comes in goes out."""
    import torch

    found = network("highway", "highway")
    module = to_torch(found).eval()
    gates = [n.name for n in found.nodes if n.layer.name == "gate"]
    assert len(gates) == 2 + 1 + 5 + 5
    x = torch.rand(2, 32, 8, 8)
    gate = module.get_submodule(gates[0])
    torch.testing.assert_close(gate(torch.zeros_like(x), torch.rand_like(x), x), x)
