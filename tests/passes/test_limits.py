"""Nothing a text says can make the compiler run long, recurse without end, or end in anything but diagnostics."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from netdsl.compiler import Pipeline
from netdsl.diagnostics import DiagnosticsError
from netdsl.diagnostics.render import render
from netdsl.geometry import FeatureMap
from netdsl.passes import place, statements
from netdsl.passes.place import MAX_NODES

IMAGE = FeatureMap(3, (16, 16))
quick = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def outcome(text: str) -> tuple[int, list[str]]:
    """Nodes and the codes of the errors; every message can be shown."""
    try:
        pipeline = Pipeline.of(text)
        found = pipeline.compile(given=None if text.startswith(("net", "block")) else IMAGE)
    except DiagnosticsError as error:
        return 0, [d.code for d in error.diagnostics if render(d)]
    assert (found.network is None) == bool(found.errors)
    return len(found.network.nodes) if found.network else 0, [d.code for d in found.errors if render(d)]


def codes(text: str) -> list[str]:
    return outcome(text)[1]


LARGE_AND_FINE = {
    "a long sum": "let x = " + "+".join(["1"] * 20_000) + " R",
    "many signs": "let x = " + "- " * 20_000 + "1 R",
    "many nots": "if " + "not " * 20_000 + "true { R }",
    "a long list": "let x = [" + ",".join(["1"] * 20_000) + "] R",
    "59 parentheses": "let x = " + "(" * 59 + "1" + ")" * 59 + " R",
    "59 branches": "add { id | " * 59 + "R" + "}" * 59,
    "59 dense bodies": "dense { " * 59 + "C1-1 R" + "}" * 59,
    "an else-if chain": "R if false {R}" + " else if false {R}" * 3_000,
    "many claims": "R expect " + ",".join(["params = 0"] * 2_000),
    "a wide join": "add {" + "|".join(["id"] * 3_000) + "}",
    "199 calls": "block r(n) { residual { C3-8 R if n > 0 { r(n - 1) } } } net t { input 3x8x8 r(198) }",
    "300 aliases": "net a0 { input 3x8x8 R }" + "".join(f" net a{i + 1} = a{i}" for i in range(300)),
}


@pytest.mark.parametrize("text", LARGE_AND_FINE.values(), ids=LARGE_AND_FINE)
def test_large_and_fine(text):
    nodes, errors = outcome(text)
    assert nodes > 1
    assert errors == []


REFUSED = {
    "10,000 brackets": ("(" * 10_000 + "R" + ")" * 10_000, "NET107"),
    "10,000 braces": ("add{" * 10_000, "NET107"),
    "10,000 lists": ("let x = " + "[" * 10_000 + "]" * 10_000, "NET107"),
    "operators and brackets": ("let x = " + "(1 or 1 and not 1 < 1 + 1 * -" * 59 + "1" + ")" * 59, "NET107"),
    "*2 10,000 times": ("R" + "*2" * 10_000, "NET107"),
    "*1 10,000 times": ("R" + "*1" * 10_000, "NET107"),
    "5,000 tags on one op": ("R" + "".join(f"@a{i}" for i in range(5_000)), "NET107"),
    "2 to the 50th": ("R" + "*2" * 50, "NET320"),
    "a bomb": ("((((C3-8 R)*1000)*1000)*1000)*1000", "NET320"),
    "100,000 digits": ("C3-" + "9" * 100_000, "NET211"),
    "a large exponent": ("let x = 1e99999999 R", "NET211"),
    "squares": ("let x = 2 " + "let x = x * x " * 100 + "R", "NET211"),
    "lists of lists": ("let x = [1, 1] " + "let x = [x, x] " * 100 + "R", "NET211"),
    "a claim with 9,999 digits": ("R expect params = " + "9" * 9_999, "NET211"),
    "nothing, very often": ("()*1000000000", "NET320"),
    "id, very often": ("id*100000000", "NET320"),
    "loops in loops": ("for a in range(100000) { for b in range(100000) { for c in range(100000) { } } }", "NET320"),
    "two calls each": ("block a(n) { if n > 0 { a(n - 1) a(n - 1) } } net t { input 3x8x8 a(150) R }", "NET320"),
    "a call without end": ("block a(n) { a(n + 1) } net t { input 3x8x8 a(1) R }", "NET321"),
    "an upsampling bomb": ("U2*1000", "NET322"),
    "a concat bomb": ("concat { id | id }*1000", "NET322"),
    "a recipe chain": (
        "net a { input 3x8x8 R } recipe r0 { epochs = 1 }"
        + "".join(f" recipe r{i + 1} extends r{i} {{ epochs = {i + 1} }}" for i in range(500)),
        "NET203",
    ),
    "claims at many parameters": (
        "net t(n = 3) { input 3x8x8 (C3-8 R)*{20000 + n} "
        + " ".join(f"expect(n = {i}) depth = {20000 + i}" for i in range(40))
        + "}",
        "NET320",
    ),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(text, code, monkeypatch):
    if code == "NET320" and "claims" not in text:
        monkeypatch.setattr(statements, "MAX_STEPS", 20_000)
    assert code in codes(text)


def test_the_largest_layout_works_and_one_more_does_not():
    most = (MAX_NODES - 1) // 2  # the input is a node too
    assert outcome(f"(C1-1 R)*{most} R") == (MAX_NODES, [])
    assert codes(f"(C1-1 R)*{most} R R") == ["NET320"]


def test_jumps_do_not_grow_out_of_hand():
    assert outcome("(C1-1/2 R)*2000") == (4_001, [])
    assert outcome("(U2 C1-3/3)*2000") == (4_001, [])


_TOKENS = """
net block recipe import input let if else for in default from expect printed with drop set extends and or not true
false here id add concat mul residual dense C C3-8 C3-8/2 C3w P P3/1s G F F10 R B I T4-8/2 U2 D.5 S L X C64 conv(
unit( range( ( ) { } [ ] | , ; * + - / // = == < ~ -> . @a @d{i} 3x8x8 3xHxW 1 0 2 1.5 50% 1.7M 9999999999 "D" # toy
n k channels height shortcut pad params depth
"""
TOKENS = _TOKENS.split()


@quick
@given(st.lists(st.sampled_from(TOKENS), max_size=30).map(" ".join))
@example("net toy { input 3x8x8 C3-8 R } net other = toy with { C -> C B }")
def test_token_soup(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "MAX_STEPS", 2_000)
        patch.setattr(place, "MAX_NODES", 500)
        outcome(text)


@quick
@given(st.lists(st.sampled_from(TOKENS), max_size=20).map(" ".join))
def test_token_soup_in_a_net(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "MAX_STEPS", 2_000)
        patch.setattr(place, "MAX_NODES", 500)
        outcome(f"block unit(f, n = 1) {{ {text} }} net toy(n = 2, k = 3) {{ input 3x8x8 C3-8 R {text} unit(4) }}")


@quick
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_random_text(text):
    outcome("C3-8 " + text)
    outcome("net toy { " + text)


@quick
@given(st.text(st.sampled_from("CPFRBTUDGSLI0123456789-/.sdpgvx{}@*()|, "), max_size=40))
def test_random_codes(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "MAX_STEPS", 2_000)
        patch.setattr(place, "MAX_NODES", 500)
        outcome("C1-4 " + text)


VARIABLE = Pipeline.of('net toy(n = 2, unit = relu, name = "D") { input 3x8x8 (C3-8 unit)*n G F10 expect depth = 3 }')


@quick
@given(st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join))
@example("C -> C B; C3-{f} -> C5-{f}v; drop R; P -> ; relu -> silu")
@example("C -> C C; C -> C C; C -> C C")
def test_soup_of_rules(text):
    for rules in (text, f"C -> {text}", f"{text} -> C B"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(statements, "MAX_STEPS", 2_000)
            found = VARIABLE.compile(with_rules=rules)
        assert (found.network is None) == bool(found.errors)


@quick
@given(
    st.sampled_from(["n", "unit", "name", "nobody"]),
    st.lists(st.sampled_from(TOKENS), max_size=5).map(" ".join)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.lists(st.integers(), max_size=3),
)
def test_soup_of_settings(name, value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, "MAX_NODES", 500)
        found = VARIABLE.compile(settings={name: value})
    assert (found.network is None) == bool(found.errors)
    assert all(render(d) for d in found.diagnostics)


@pytest.mark.parametrize("rule", ["R -> R R", "C -> C B; C -> C R", "C -> add { C | C }"])
def test_rules_do_not_see_their_own_output(rule):
    assert not VARIABLE.compile(with_rules=rule).errors


def test_many_doubling_rules_end():
    assert [d.code for d in VARIABLE.compile(with_rules="; ".join(["R -> R R"] * 40)).errors] == ["NET320"]
