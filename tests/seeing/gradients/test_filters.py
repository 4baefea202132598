"""First-layer filters: the weights themselves, and the nets that have none to show."""

import pytest
import torch

import netdsl
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.gradients.filters import first_filters


@pytest.mark.parametrize(
    ("text", "node", "shape"),
    [
        ("input 3x32x32 C5-16 R G F5", "conv1", (16, 3, 5, 5)),
        ("input 1x28x28 C3-8/2 B R F10", "conv1", (8, 1, 3, 3)),
        ("input 3x32x32 pad(2) D.2 B C3-8 G F10", "conv1", (8, 3, 3, 3)),
        ("input 1x28x28 F12 R F10", "linear1", (12, 1, 28, 28)),
        ("input 3x8x10 F12 R F10", "linear1", (12, 3, 8, 10)),
        ("input 3x32x32 C3w C1-8 R G F10", "conv1", (3, 1, 3, 3)),
    ],
)
def test_the_filters_are_the_weights(text: str, node: str, shape: tuple[int, ...]) -> None:
    module = netdsl.compile(f"net probed {{ {text} }}")
    found = first_filters(module)
    assert (found.node, tuple(found.weights.shape)) == (node, shape)
    assert torch.equal(found.weights.flatten(), module.get_parameter(f"{node}.weight").flatten())


@pytest.mark.parametrize("name", ["alexnet", "squeezenet", "resnet18", "googlenet", "densenet"])
def test_bundled_nets_have_filters(name: str) -> None:
    with torch.device("meta"):
        module = netdsl.compile(name)
    assert first_filters(module).weights.shape[1] == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input 4x16x16 C3-8 R G F5", "`conv1`, C3-8, over 4x16x16"),
        ("input 3x16x16 local(3, 8) R F5", "`local1`, local(3, 8), over 3x16x16"),
        ("input 3x16x16 concat { id | id } C3-8 R G F5", "`conv1`, C3-8, over 6x16x16"),
        ("input 3x16x16 P2 R F5", None),
        ("input 3x16x16 P2 G", "`global_avg_pool1`, G"),
        ("input 1x64 C3-8 R G F5", "`conv1`"),
        ("input 20 F8 R F5", "`linear1`"),
    ],
)
def test_nets_without(text: str, found: str | None) -> None:
    module = netdsl.compile(f"net probed {{ {text} }}")
    with pytest.raises(DiagnosticsError) as caught:
        first_filters(module)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET620"
    assert found is None or found in problem.found
