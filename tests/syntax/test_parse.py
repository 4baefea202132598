"""Text to tree: what stands where, with places, and messages in place of Lark's exceptions."""

from fractions import Fraction

import pytest

from netdsl.diagnostics import DiagnosticsError, Source
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax import ast
from netdsl.syntax.parse import parse_expression, parse_file, parse_inline
from netdsl.syntax.unparse_expressions import expression_text


def file(text: str) -> ast.File:
    return parse_file(Source("<text>", text), ALPHABET)


def body(text: str) -> tuple[ast.Statement, ...]:
    return parse_inline(Source("<text>", text), ALPHABET).statements


def expression(text: str) -> ast.Expression:
    return parse_expression(Source("<text>", text), ALPHABET)


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DiagnosticsError) as error:
        file(text)
    return [(d.code, d.span.text if d.span else "") for d in error.value.diagnostics]


def test_definitions():
    made = file(
        'import units import "parts/a.net" block b(f, s = 1) { R } net n { R } net m = n(2) recipe r+ { x = 1 }'
    )
    kinds = [type(d).__name__ for d in made.definitions]
    assert kinds == ["Import", "Import", "Block", "Net", "NetAlias", "Recipe"]
    assert [d.path for d in made.definitions[:2]] == ["units.net", "parts/a.net"]
    assert made.definitions[5].name == "r+"


def test_every_piece_knows_its_place():
    text = "net toy {\n  C3-64 R @a\n  unit(64, stride = 2)\n}"
    net = file(text).definitions[0]
    assert [s.span.text for s in net.body.statements] == ["C3-64", "R @a", "unit(64, stride = 2)"]
    assert net.body.statements[2].name_span.text == "unit"
    assert net.body.statements[2].arguments[1].span.text == "stride = 2"


def test_suffixes_bind_to_one_item():
    repeated, tagged = body("(C R)*2 P @a")
    assert isinstance(repeated, ast.Repeat)
    assert isinstance(repeated.item, ast.Group)
    assert isinstance(tagged, ast.Tagged)
    first, second = body("C R*3")
    assert isinstance(first, ast.Code)
    assert isinstance(second, ast.Repeat)


def test_a_call_touches_its_parenthesis():
    (call,) = body("unit(64)")
    assert isinstance(call, ast.Op)
    name, group = body("unit (C)")
    assert isinstance(name, ast.Op)
    assert isinstance(group, ast.Group)


def test_comments_and_white_space_only_separate():
    assert body("C3-8#x\nR\tP") == body("C3-8 R\n\n P # the end")


def test_if_chains_and_loops():
    choice, loop = body("if a { R } else if b { P } else { } for k, f in [3, 8; 5, 16] { C{k}-{f} }")
    assert len(choice.cases) == 2
    assert choice.otherwise == ast.Body(choice.span, ())
    assert loop.names == ("k", "f")
    assert len(loop.values[0].rows) == 2


def test_claims_keep_their_digits():
    (claims,) = body("expect params ~ 1.70M, macs @3a = 128, shape = 3x8x8")
    assert [c.text for c in claims.claims] == ["1.70M", "128", "3x8x8"]
    assert [c.approximate for c in claims.claims] == [True, False, False]
    (at,) = body("expect(n = 9, 3) depth = 56")
    assert [a.name for a in at.arguments] == ["n", None]


@pytest.mark.parametrize(
    ("text", "minimal"),
    [
        ("a + b * c", "a + b*c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "(a - b) - c"),
        ("a / b // c", "a/b//c"),
        ("not (a and b) or c", "not (a and b) or c"),
        ("(a or b) and c == d + 1", "(a or b) and c == d + 1"),
        ("- - a", "a"),
        ("not not a", "a"),
        ("-(a + 1)", "-(a + 1)"),
        ("[1, 2; 3, 4;]", "[1, 2; 3, 4]"),
        ("floor(0.5 * here.channels)", "floor(0.5 * here.channels)"),
        ("@d{i}.height", "@d{i}.height"),
    ],
)
def test_precedence(text, minimal):
    assert expression_text(expression(text)) == minimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("138_357_544", 138357544),
        (".5", Fraction(1, 2)),
        ("1e-4", Fraction(1, 10000)),
        ("75%", Fraction(3, 4)),
        ("2.0", 2),
    ],
)
def test_numbers_are_exact(text, value):
    assert expression(text).value == value


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("net toy { C3-8 $ }", "NET101", "$"),
        ("net { R }", "NET102", "{"),
        ("net toy { let = 3 }", "NET102", "="),
        ("net toy { C3-8", "NET105", "{"),
        ("net toy { C3-8 ) }", "NET105", ")"),
        ("net toy { (C3-8 ] }", "NET105", "]"),
        ("C3-8 R", "NET102", "C3-8"),
        ("net toy { C(3, 8) }", "NET104", "C(3, 8)"),
        ("net toy { C3-{} }", "NET106", ""),
        ("net if { R }", "NET102", "if"),
        ("net toy { else { R } }", "NET102", "else"),
        ("net toy { for in in [1] { R } }", "NET102", "in"),
    ],
)
def test_messages(text, code, place):
    assert (code, place) in problems(text)


def test_several_mistakes_in_one_run():
    found = problems("net toy { P3s2 ReLU C3-8z X C3-{} }")
    assert [code for code, _ in found] == ["NET104", "NET104", "NET103", "NET201", "NET106"]


def test_with_a_report_the_rest_is_still_read():
    found = []
    made = parse_file(Source("<text>", "net toy { P3s2 R }"), ALPHABET, found.append)
    assert [d.code for d in found] == ["NET104"]
    assert [type(s).__name__ for s in made.definitions[0].body.statements] == ["Broken", "Code"]


def test_quotes_and_comments_hide_brackets():
    file('net toy { # ( { [\n let x = "(" R }')
