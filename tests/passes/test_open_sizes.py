"""Inputs of any size: what is stated holds at every size, by nets whose input has numbers."""

import re
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.compiler import Compilation, Pipeline, compile_network
from netdsl.diagnostics.render import render
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.ir.sizes import Shape
from netdsl.passes.open_sizes import open_shapes

SIZES = range(1, 201)

# Of what a net of any size can be made; ends in 8 channels wherever it stands.
PIECES = [
    *("C3-8 R", "C3-8/2 R", "C4-8/2v R", "C5-8v R", "C3-8/3 R", "C3x5-8v R", "C2-8/2v R", "T4-8/2v R", "T3-8/2 R"),
    *("P", "P3/2", "P3/2c", "P3/2s", "A2x1", "P4/3", "U2", "upsample(2, mode=bilinear)", "pad(2, mode=reflect)", "I"),
    "concat { C3-4/2 U2 | C1-4 }",
    "add { P U2 | id }",
    "add { T2-8/2v P | C1-8 }",
    "residual { C3-8 R C3-8 }",
    "mul { id | G C1-8 sigmoid }",
    "C1-8 @x C5-8v R @y from @x crop(@y) add { id | from @y }",
    "C1-8 R P @p C3-8 R unpool(@p)",
    "concat { C3-4v U2 | C1-4 U2 pad(1) C5-4v }",
]


def text(pieces: list[str], size: str) -> str:
    numbered = [re.sub(r"@(\w)", rf"@\g<1>{i}", piece) for i, piece in enumerate(pieces)]
    return f"net a {{ input 8x{size} {' '.join(numbered)} }}"


def at(pieces: list[str], height: int, width: int) -> Compilation:
    return Pipeline.of(text(pieces, f"{height}x{width}")).compile()


def value(formula: int | str, letter: str, size: int) -> set[int]:
    """What a formula gives; of one that says several things, all of them."""
    given = {"ceil": ceil, "floor": floor, letter: Fraction(size)}
    parts = [part.partition(" for ")[0] for part in str(formula).split("; ")]
    return {eval(part, given) for part in parts}


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.sampled_from((0, 1, 7)))
def test_what_is_stated_holds_at_each_size(pieces: list[str], wider: int) -> None:
    compilation = Pipeline.of(text(pieces, "HxW")).compile()
    network = compilation.network
    if network is None:
        assert not any(at(pieces, n, n).network for n in range(256, 321, 7))
        return
    sizes = network.open_sizes
    assert sizes is not None
    rules = sizes.rules
    shapes, _ = open_shapes(network)
    width = next(n for n in range(200 + wider, 2**12) if rules["W"].holds(n))
    for height in SIZES:
        concrete = at(pieces, height, width)
        taken = not sizes.refused({"H": height, "W": width})
        assert taken == (concrete.network is not None), height
        if concrete.network is not None:
            check_shapes(network, shapes, concrete.network, height, width)
            given = Pipeline.of(text(pieces, "HxW")).compile(given=FeatureMap(8, (height, width))).network
            assert given is not None
            assert (given.macs, given.params, given.output) == (
                concrete.network.macs,
                network.params,
                concrete.network.output,
            )


def check_shapes(network: Network, shapes: tuple[Shape, ...], concrete: Network, height: int, width: int) -> None:
    assert network.open_sizes is not None
    for shape, node in zip(shapes, concrete.nodes, strict=True):
        channels, *size = shape
        assert channels == node.output.channels
        for formula, letter, n, found in zip(size, "HW", (height, width), node.output.size, strict=False):
            assert found in value(formula, letter, n)
    if all(network.open_sizes.same_size.get(k) == "any" for k in "HW"):
        assert concrete.output.size == (height, width)


@pytest.mark.parametrize(
    ("body", "conditions", "output", "same"),
    [
        ("C3-8 R C3-3", "", (3, "H", "W"), {"H": "any", "W": "any"}),
        ("C3-8/2 R C3-8/2 R U4 C3-3", "", (3, "4*ceil(H/4)", "4*ceil(W/4)"), dict.fromkeys("HW", "a multiple of 4")),
        (
            "C3-8 @a C3-8/2 R U2 concat { id | from @a }",
            "H and W each even",
            (16, "H", "W"),
            dict.fromkeys("HW", "any"),
        ),
        ("C11-8/4v R P3/2 C5-8v G F10", "H and W each at least 51", (10,), {}),
        ("C7x3-8v R", "H at least 7; W at least 3", (8, "H - 6", "W - 2"), {}),
        (
            "C4-8/2v @x U2 C1-8 T2-8/2v C4-8/2v",
            "H and W each at least 4",
            (8, "2*floor(H/2) - 3", "2*floor(W/2) - 3"),
            {},
        ),
        ("C3-8 I R P2 I", "H and W each at least 2; H or W at least 4", (8, "floor(H/2)", "floor(W/2)"), {}),
    ],
)
def test_statements(body, conditions, output, same):
    network = compile_network(f"net a {{ input 3xHxW {body} }}")
    sizes = network.open_sizes
    assert (sizes.conditions, sizes.output, dict(sizes.same_size)) == (conditions, output, same)


def test_macs_a_pixel():
    network = compile_network("net a { input 3xHxW C3-8 R C3-16/2 R C1-4 }")
    assert network.open_sizes.macs_per_pixel == 3 * 8 * 9 + Fraction(8 * 16 * 9 + 16 * 4, 4)
    assert compile_network("net a { input 3xHxW G F10 }").open_sizes.macs_per_pixel is None
    far = compile_network("net a { input 3xHxW C3-8v R C3-16/2v }", given=FeatureMap(3, (100_001, 100_001)))
    per_pixel = compile_network("net a { input 3xHxW C3-8v R C3-16/2v }").open_sizes.macs_per_pixel
    assert far.macs / 100_001**2 == pytest.approx(float(per_pixel), rel=1e-4)


def test_one_axis_and_three():
    wave = compile_network("net a { input 1xN C9-8/4v R C3-8 }").open_sizes
    assert wave.output == (8, "ceil(N/4) - 2")
    film = compile_network("net a { input 3xDxHxW C3-8 R P1x2x2 P2 }").open_sizes
    assert film.output == (8, "floor(D/2)", "floor(H/4)", "floor(W/4)")
    square = compile_network("net a { input 3xNxN C3-8/2 }").open_sizes
    assert (list(square.rules), square.output) == (["N"], (8, "ceil(N/2)", "ceil(N/2)"))


def test_a_claim_can_name_the_open_sizes():
    assert compile_network("net a { input 3xHxW C3-8 R @x C3-3 expect output = 3xHxW, shape @x = 8xHxW }")
    with pytest.raises(Exception, match="NET401"):
        compile_network("net a { input 3xHxW C3-8/2 expect output = 8xHxW }")


def test_the_size_that_is_given_keeps_the_layers():
    """At one pixel a stride changes nothing; the shortcut stays the projection that it is at other sizes."""
    text = "net a { input 8xHxW residual { C3-8/2 R } }"
    names = [node.name for node in compile_network(text).nodes]
    assert [node.name for node in compile_network(text, given=FeatureMap(8, (1, 1))).nodes] == names


REFUSED = """\
error[NET317]: the net does not take this size
 --> <text>:1:15
  |
1 | net a { input 3xHxW  C3-8 @a C3-8/2 R U2 concat { id | from @a } }
  |               ^^^^^
  |                                          ------ the branches of `concat` have different heights or widths
expected: W even
   found: H = 30, W = 31
"""


def test_a_size_that_breaks_the_condition():
    pipeline = Pipeline.of("net a { input 3xHxW  C3-8 @a C3-8/2 R U2 concat { id | from @a } }")
    (error,) = pipeline.compile(given=FeatureMap(3, (30, 31))).errors
    assert render(error) == REFUSED
    assert pipeline.compile(given=FeatureMap(3, (30, 32))).network.output == FeatureMap(16, (30, 32))
    assert pipeline.compile(given=FeatureMap(1, (30, 32))).network.output == FeatureMap(16, (30, 32))


def test_a_given_size_makes_a_net_that_has_no_rule_one_of_that_size():
    for text in ("input 3xHxW C3-8 R P F10", "input 1xHxW concat { C9-8v | P4 } G F10"):
        pipeline = Pipeline.of(f"net a {{ {text} }}")
        assert pipeline.compile().network is None
    assert Pipeline.of("net a { input 3xHxW C3-8 R P F10 }").compile(given=FeatureMap(3, (8, 8))).network


def test_a_norm_that_wants_two_pixels_anywhere():
    text = "net a { input 3xHxW C3-4/2 R I }"
    sizes = compile_network(text).open_sizes
    assert sizes.conditions == "H or W at least 3"
    for height in range(1, 5):
        for width in range(1, 5):
            concrete = Pipeline.of(text.replace("HxW", f"{height}x{width}")).compile().network
            given = Pipeline.of(text).compile(given=FeatureMap(3, (height, width))).network
            assert (concrete is None) == (given is None) == bool(sizes.refused({"H": height, "W": width}))


def test_a_map_that_is_outgrown_has_no_rule():
    codes = [d.code for d in Pipeline.of("net a { input 3xHxW C3-3 @i pad(2000) P2 crop(@i) }").compile().errors]
    assert codes == ["NET318"]


def test_too_much_to_look_at_is_refused_at_once():
    text = "net a { input 3xHxW (C3-4/2 R)*9 (C3-4 R)*4000 }"
    assert [d.code for d in Pipeline.of(text).compile().errors] == ["NET318"]
    assert Pipeline.of(text).compile(given=FeatureMap(3, (512, 512))).network


def test_tied_gives_the_size_back_at_every_size():
    text = "net a { input 1xHxW C5-8/3v @c R tied(@c) }"
    assert compile_network(text).open_sizes.output == (1, "H", "W")
    for size in range(5, 20):
        assert compile_network(text, given=FeatureMap(1, (size, size))).output.size == (size, size)
