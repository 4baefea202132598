"""Shares of the parameters and activations."""

import pytest

from netdsl.compiler import Pipeline, compile_network
from netdsl.geometry import FeatureMap
from netdsl.passes.files import bundled_nets
from netdsl.summary.shares import MOST_PARTS, shares


@pytest.mark.parametrize("name", bundled_nets())
def test_shares_are_of_the_whole(name: str) -> None:
    pipeline = Pipeline.of(name)
    for net in pipeline.nets:
        network = pipeline.compile(net).network
        assert network is not None
        found = shares(network)
        assert len(found) <= MOST_PARTS + 1
        assert len({share.part for share in found}) == len(found)
        assert sum(share.params for share in found) == pytest.approx(1)
        assert sum(share.activations for share in found) == pytest.approx(1)


def test_by_kind_of_layer() -> None:
    """Nine tenths of VGG-16's parameters are in its three fully connected layers."""
    linear, *others = shares(compile_network("vgg16"))
    assert (linear.part, round(linear.params, 3)) == ("linear", 0.894)
    assert {share.part for share in others} == {"conv", "relu", "max_pool", "dropout"}


def test_by_part() -> None:
    by_part = {share.part: share for share in shares(compile_network("resnet"))}
    assert list(by_part)[:3] == ["stage3", "stage1", "stage2"]
    network = compile_network("resnet")
    stage3 = [i for i, node in enumerate(network.nodes) if node.name.startswith("stage3.")]
    assert by_part["stage3"].params == sum(network.counts[i].params for i in stage3) / 272_282


def test_branches_are_no_parts() -> None:
    network = compile_network("add { C3-4 | id } concat { R | C1-2 }", given=FeatureMap(4, (8, 8)))
    assert {share.part for share in shares(network)} == {"conv", "add", "relu", "concat"}


def test_nets_without_parameters() -> None:
    (share,) = shares(compile_network("R", given=FeatureMap(3, (4, 4))))
    assert (share.part, share.params, share.activations) == ("relu", 0, 1)
