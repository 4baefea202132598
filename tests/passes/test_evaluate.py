"""Expressions: exact fractions, functions, shapes, and the values that messages show."""

from fractions import Fraction

import pytest

from netdsl.diagnostics import DiagnosticsError, Source
from netdsl.geometry import FeatureMap
from netdsl.passes.environment import Environment, EvaluationError, NamedOp, UnknownError
from netdsl.passes.evaluate import evaluate, show_value, whole
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax.parse import parse_expression

ENV = Environment(
    {"n": 3, "half": Fraction(1, 2), "wide": True, "rows": ((1, 2), (3, 4)), "unit": NamedOp("basic"), "lost": None},
    names=lambda name: name == "basic",
    here=lambda: FeatureMap(16, (8, 4)),
    tag=lambda name, span: FeatureMap(32, (7,)) if name == "x1" else FeatureMap(5),
)


def value(text: str):
    return evaluate(parse_expression(Source("<text>", text), ALPHABET), ENV)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / 3 * 3", 1),
        ("7 / 2", Fraction(7, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("2 + 3 * 4 - 6 / 3", 12),
        ("- (2 + 3)", -5),
        ("50% * 8", 4),
        ("1e-4 * 10000", 1),
        ("(100 - 4) / 6", 16),
        ("floor(19 / 6)", 3),
        ("floor(-0.5)", -1),
        ("ceil(19 / 6)", 4),
        ("round(2.5)", 3),
        ("round(-2.5)", -2),
        ("min(3, 1, 2)", 1),
        ("max([3, 5])", 5),
        ("len([1, 2, 3])", 3),
        ("range(3)", (0, 1, 2)),
        ("range(4, 0, -2)", (4, 2)),
        ("log2(1024)", 10),
        ("divisible(37, 8)", 40),
        ("divisible(33, 8)", 32),
        ("divisible(11, 8)", 16),
        ("divisible(3, 8)", 8),
        ("n < 4 and not n == 2 or false", True),
        ("n != 3", False),
        ("wide", True),
        ('"D" == "D"', True),
        ("1 / 2 == half", True),
        ("[1, 2; 3, 4] == rows", True),
        ("here.channels", 16),
        ("here.height * here.width", 32),
        ("@x{n - 2}.length", 7),
        ("@x{n - 2}.channels", 32),
        ("unit == basic", True),
        ("[]", ()),
        ("3x7", (3, 7)),
    ],
)
def test_values(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "NET208"),
        ("1 // (n - 3)", "NET208"),
        ('"a" + 1', "NET208"),
        ("true + 1", "NET208"),
        ("not 1", "NET208"),
        ("1 and true", "NET208"),
        ('"a" < 1', "NET208"),
        ("floor(1, 2)", "NET208"),
        ("floor([1])", "NET208"),
        ("floor(true)", "NET208"),
        ("max()", "NET208"),
        ("max(1, true)", "NET208"),
        ("len(3)", "NET208"),
        ("range(1.5)", "NET208"),
        ("range(1, 2, 0)", "NET208"),
        ("range(100001)", "NET208"),
        ("log2(0)", "NET208"),
        ("log2(-1)", "NET208"),
        ("divisible(8, 0)", "NET208"),
        ("divisible(8, 1.5)", "NET208"),
        ("max(a = 1)", "NET208"),
        ("here.depth", "NET210"),
        ("here.size", "NET210"),
        ("@y.height", "NET210"),
        ("9999999999 * 9999999999", "NET211"),
        ("1 / 9999999999 / 9999999999", "NET211"),
        ("[[[[[1]]]]]", "NET211"),
        ("1.5x3", "NET102"),
    ],
)
def test_mistakes(text, code):
    with pytest.raises((EvaluationError, DiagnosticsError)) as error:
        value(text)
    found = error.value
    assert (found.diagnostic if isinstance(found, EvaluationError) else found.diagnostics[0]).code == code


@pytest.mark.parametrize("text", ["lost", "lost + 1", "nobody", "nobody.channels", "nothing(3)"])
def test_what_was_reported_elsewhere_stays_silent(text):
    with pytest.raises(UnknownError):
        value(text)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (Fraction(19, 6), "19/6 = 3.167"),
        (Fraction(7, 2), "3.5"),
        (True, "true"),
        ("D", '"D"'),
        ((1, (2, 3)), "[1, [2, 3]]"),
        (tuple(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, ...]"),
        (NamedOp("basic"), "basic"),
    ],
)
def test_shown(given, shown):
    assert show_value(given) == shown


def test_whole_numbers_only():
    expression = parse_expression(Source("<text>", "n / 2"), ALPHABET)
    with pytest.raises(EvaluationError) as error:
        whole(expression, ENV, "a repetition", minimum=0)
    assert error.value.diagnostic.found == "n / 2 = 1.5"
