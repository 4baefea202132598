"""What a head is given: weight, loss, target."""

import pytest

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError


def head(arguments: str):
    return compile_network(f"net x {{ input 3x8x8 C3-4 R head h{arguments} {{ F4 }} G F10 }}").heads["h"]


def test_what_a_head_leaves_out():
    assert (head("").weight, head("").loss, head("").target) == (1, "cross_entropy", "label")


@pytest.mark.parametrize("target", ["label", "input", "box"])
@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_differences_of_anything(loss, target):
    found = head(f"(0.5, {loss}, {target})")
    assert (found.weight, found.loss, found.target) == (0.5, loss, target)


@pytest.mark.parametrize("loss", ["cross_entropy", "nll", "hinge", "ranking_hinge"])
def test_scores_of_labels_only(loss):
    assert head(f"(loss = {loss})").target == "label"
    with pytest.raises(DiagnosticsError) as caught:
        head(f"(loss = {loss}, target = input)")
    assert caught.value.diagnostics[0].code == "NET206"
    assert loss in str(caught.value)
