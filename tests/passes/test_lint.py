"""Warnings that depend on more than the layer they stand at; each warning's text is in tests/bad."""

import pytest

from netdsl.compiler import diagnose

NET = "net x { input 3x8x8 C3-4 R G F10 S }\n"


@pytest.mark.parametrize(
    ("recipes", "warned"),
    [
        ("", True),
        ("recipe shapes { epochs = 3 }", True),
        ("recipe shapes { loss = nll }", False),
        ("recipe shapes { loss = hinge(margin=2) }", False),
        ("recipe shapes { loss = nll } recipe cifar10 { batch = 64 }", True),
        ("recipe shapes { loss = nll } recipe cifar10 extends shapes { batch = 64 }", False),
    ],
)
def test_a_softmax_is_right_for_losses_that_take_none(recipes: str, warned: bool) -> None:
    assert ("NET354" in {found.code for found in diagnose(NET + recipes)}) == warned
