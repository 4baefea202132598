"""Which ReLUs write over what they take."""

import pytest

from netdsl.compiler import compile_network
from netdsl.planning.in_place import in_place


def names(text: str) -> list[str]:
    network = compile_network(text)
    return [network.nodes[index].name for index in sorted(in_place(network))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input 3x8x8 C3-4 R", ["relu1"]),
        ("input 3x8x8 C3-4 B R C3-4 B R", ["relu1", "relu2"]),
        ("input 3x8x8 R", []),  # of the images
        ("input 3x8x8 C3-4 sigmoid R", []),  # backward needs what the sigmoid gave
        ("input 3x8x8 C3-4 R6", []),  # torch keeps its input
        ("input 3x8x8 C3-4 batch_norm(affine=false) R", []),
        ("input 3x8x8 C3-4 P R", []),
        ("input 3x8x8 C3-4 R R", ["relu1"]),  # the first one's output is needed
        ("input 3x8x8 C3-4 residual { R C3-4 } R", ["relu1"]),  # only behind the sum: the other has a second use
        ("input 3x8x8 C3-4 add { R | C3-4 R }", ["branch2.relu1"]),
    ],
)
def test_where_nobody_needs_the_input(text, expected):
    assert names(f"net a {{ {text} }}") == expected


def test_what_a_head_gives_stays():
    heads = "head side { C3-4 R }"
    assert names(f"net a {{ input 3x8x8 C3-4 {heads} B R G F2 }}") == ["side.relu1", "relu1"]
    assert names("net a { input 3x8x8 C3-4 R head side { C3-4 } R G F2 }") == ["relu1"]


def test_resnet_20_writes_over_every_norm():
    network = compile_network("resnet")
    assert len(in_place(network)) == sum(node.layer.name == "relu" for node in network.nodes) == 19
