"""What is computed again so that a step fits."""

import pytest

from netdsl.compiler import compile_network
from netdsl.planning.budget import within
from netdsl.planning.form import Form, plain
from netdsl.planning.peak import peak_bytes


def again(network, form):
    return sum(sum(c.macs for c in network.counts[first : last + 1]) for first, last in form.segments)


@pytest.mark.parametrize(
    ("net", "parameters"), [("resnet", {}), ("densenet", {}), ("densenet", {"depth": 40, "bottleneck": True})]
)
def test_it_fits_and_a_smaller_budget_costs_more(net, parameters):
    network = compile_network(net, parameters)
    whole = peak_bytes(plain(network), 64)
    assert within(network, 64, whole) == plain(network)
    costs = []
    for share in (0.9, 0.7, 0.5):
        form = within(network, 64, int(share * whole))
        assert isinstance(form, Form)
        assert peak_bytes(form, 64) <= share * whole
        costs.append(again(network, form))
    assert 0 < costs[0] <= costs[1] <= costs[2] <= network.macs


def test_the_lowest_that_is_named_can_be_had():
    network = compile_network("densenet")
    lowest = within(network, 64, 1)
    assert isinstance(lowest, int)
    form = within(network, 64, lowest)
    assert isinstance(form, Form) and peak_bytes(form, 64) == lowest
    assert isinstance(within(network, 64, lowest - 1), int)


def test_no_dense_layer_keeps_its_concat():
    """Each is made again from its parts, so memory grows with the depth and not with its square."""
    lowest = {}
    for depth in (40, 76):
        network = compile_network("densenet", {"depth": depth})
        lowest[depth] = within(network, 64, 0), peak_bytes(plain(network), 64)
    assert lowest[76][0] / lowest[40][0] < 2.2 < 3 < lowest[76][1] / lowest[40][1]


def test_what_a_segment_takes_is_not_written_over():
    network = compile_network("resnet")
    form = within(network, 64, peak_bytes(plain(network), 64) // 2)
    owner = {i: first for first, last in form.segments for i in range(first, last + 1)}
    for index in form.over:
        assert owner.get(index) == owner.get(network.nodes[index].inputs[0])
