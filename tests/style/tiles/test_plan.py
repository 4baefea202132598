"""Passes and what they keep, by hand for small nets and as rules for the thesis's."""

import pytest

from netdsl.compiler import compile_network
from netdsl.style.tiles.plan import FULL, HALF, KEPT, PATIENCE, plan, planned
from netdsl.style.tiles.steps import steps_of

from .conftest import NETS


def of(net, size=(64, 64)):
    return steps_of(compile_network(NETS.get(net, net)), size)


def test_by_hand() -> None:
    """Nodes: 0 picture, 1 conv, 2 norm, 3 conv with stride, 4 norm, 5 upsampling, 6 conv."""
    steps = of("net p { input 3xHxW C3-4 I C3-8/2 I U2 C3-3 }", (8, 8))
    small = planned(steps, FULL, 8 * 4 * 4)
    assert [each.nodes for each in small.passes] == [(0, 1), (0, 1, 2, 3), (4, 5, 6)]
    assert [each.kept for each in small.passes] == [(), (3,), ()]
    assert [each.sources for each in small.passes] == [(), (), (3,)]
    assert [each.dropped for each in small.passes] == [(), (), (3,)]
    assert small.kept == 4 * 8 * 4 * 4
    every = planned(steps, HALF, 10**9)
    assert [each.nodes for each in every.passes] == [(0, 1), (2, 3), (4, 5, 6)]
    assert every.kept == 2 * (4 * 8 * 8 + 8 * 4 * 4)
    first = 8 * 8 * 4 * 3 * 9
    assert every.work == sum(step.macs for step in steps.values()) == small.work - first
    none = planned(steps, FULL, 0)
    assert none.kept == 0 and none.passes[2].nodes == (0, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize("net", [*NETS, "pastiche.net", "johnson.net"])
def test_each_source_is_there_when_it_is_read(net) -> None:
    for limit in (0, 5000, 10**9):
        there: set[int] = set()
        settled: set[int] = set()
        steps = of(net)
        for each in planned(steps, FULL, limit).passes:
            assert set(each.sources) <= there
            for node in each.nodes:
                step = steps[node]
                assert set(step.inputs) <= set(each.sources) | set(each.nodes)
                assert step.kind != "norm" or step.inputs[0] in settled
            there = (there | set(each.kept)) - set(each.dropped)
            settled.add(each.target)
        assert not there and each.target == max(steps)


def test_the_thesis_net_at_4096_pixels() -> None:
    """Within the budget in single precision: the sums of the residual blocks are kept, not all of their terms."""
    steps = of("pastiche.net", (4096, 4096))
    made = plan(steps)
    assert made.number == FULL and made.kept <= KEPT
    assert made.work < 1.3 * sum(step.macs for step in steps.values())


def test_less_memory_means_half_precision_and_then_patience() -> None:
    steps = of("pastiche.net", (4096, 4096))
    once = sum(step.macs for step in steps.values())
    half = plan(steps, KEPT // 2)
    assert half.number == HALF and half.kept <= KEPT // 2
    least = plan(steps, 1)
    assert 0 < least.kept <= half.kept and least.work <= PATIENCE * once


def test_a_net_without_instance_norms_is_one_pass() -> None:
    (only,) = plan(of("johnson.net", (400, 400))).passes
    assert not only.kept and only.target == max(of("johnson.net"))
