"""Parsing what `unparse` wrote gives the same tree: for random trees and for every bundled net."""

import pytest
from hypothesis import HealthCheck, given, settings

from netdsl.diagnostics import Source
from netdsl.passes.files import bundled_nets
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax.parse import parse_expression, parse_file, parse_inline
from netdsl.syntax.unparse import WIDTH, unparse
from netdsl.syntax.unparse_expressions import expression_text

from .strategies import bodies, expressions, files

slowly = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@slowly
@given(expressions)
def test_random_expressions(expression):
    assert parse_expression(Source("<random>", expression_text(expression)), ALPHABET) == expression


@slowly
@given(bodies)
def test_random_bodies(body):
    assert parse_inline(Source("<random>", unparse(body)), ALPHABET) == body


@slowly
@given(files)
def test_random_files(file):
    assert parse_file(Source("<random>", unparse(file)), ALPHABET) == file


@pytest.mark.parametrize("name", bundled_nets())
def test_bundled_nets(name):
    file = parse_file(Source(name, bundled_nets()[name].read_text("utf-8")), ALPHABET)
    text = unparse(file)
    again = parse_file(Source(name, text), ALPHABET)
    assert again == file
    assert unparse(again) == text


def test_a_long_body_is_broken_into_lines():
    text = "(C3-64 R C3-64 R)*3 add { C3-64 B R C3-64 B | id } R " * 6
    lines = unparse(parse_inline(Source("<text>", text), ALPHABET)).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("CRCRP", "C R C R P"),
        ("C3D64 M FC4096", "C3-64 M FC4096"),
        ("( C3-8R )*{ 2*n-1 }", "(C3-8 R)*{2*n - 1}"),
        ("add{id|C3w}", "add { id | C3w }"),
        ("D0.5 D.25", "D.5 D.25"),
        ("if n>1and not(m) {P} else {A}", "if n > 1 and not m { P } else { A }"),
        ("unit( 64,stride=2 )@a", "unit(64, stride = 2) @a"),
        ("conv(3,-(-n))", "conv(3, -(-n))"),
        ("let x = (a+b)*c - (d - e)", "let x = (a + b) * c - (d - e)"),
    ],
)
def test_tidy_form(written, tidy):
    assert unparse(parse_inline(Source("<text>", written), ALPHABET)) == tidy + "\n"
