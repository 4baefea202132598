"""Runs of codes taken apart: longest match, numbers, strides, modifiers, and the traps."""

from fractions import Fraction

import pytest

from netdsl.diagnostics import Diagnostic, Source, Span
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax import ast
from netdsl.syntax.codes import CodeScanner
from netdsl.syntax.parse import parse_inline
from netdsl.syntax.unparse import statement_text


def scanned(text: str) -> tuple[list[ast.Code | ast.Broken], list[Diagnostic]]:
    found: list[Diagnostic] = []
    scanner = CodeScanner(ALPHABET, lambda span: ast.Name(span, span.text), found.append)
    return list(scanner.scan(Span(Source("<text>", text), 0, len(text)))), found


def letters(text: str) -> list[str]:
    codes, found = scanned(text)
    assert not found
    return [code.letters for code in codes if isinstance(code, ast.Code)]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("CRCRP", ["C", "R", "C", "R", "P"]),
        ("C3D64R", ["C", "R"]),
        ("C3D.5", ["C", "D"]),
        ("FCFC", ["FC", "FC"]),
        ("LRNL", ["LRN", "L"]),
        ("MPAPGAP", ["MP", "AP", "GAP"]),
        ("GMP", ["G", "MP"]),
        ("BNB", ["BN", "B"]),
        ("C3-64/2p1d2R", ["C", "R"]),
        ("C3-{n}R", ["C", "R"]),
        ("C3wBR6", ["C", "B", "R"]),
    ],
)
def test_longest_match(run, expected):
    assert letters(run) == expected


def test_numbers_stride_and_modifiers():
    (code,), _ = scanned("C3x5-64/2x1p1x0g{n}sb")
    assert isinstance(code, ast.Code)
    assert [part.value for part in code.numbers[0].parts] == [3, 5]
    assert code.numbers[1].value == 64
    assert [part.value for part in code.stride.parts] == [2, 1]
    assert [m.letter for m in code.modifiers] == ["p", "g", "s", "b"]
    assert code.modifiers[1].value == ast.Name(code.span, "n")


def test_dropout_is_exact():
    (code,), _ = scanned("D.1")
    assert code.numbers[0].value == Fraction(1, 10)


def test_spans_cover_each_code():
    codes, _ = scanned("C3-64/2RP3/2")
    assert [code.span.text for code in codes] == ["C3-64/2", "R", "P3/2"]


@pytest.mark.parametrize(
    ("text", "code", "instead"),
    [
        ("C3-64s2p1", "NET104", "C3-64/2"),
        ("P3s2", "NET104", "P3/2"),
        ("C3D0.5", "NET104", "C3 D.5"),
        ("C-64", "NET104", "C3-64"),
        ("ReLU", "NET104", "R"),
        ("Conv2d", "NET104", "C3-64"),
        ("BatchNorm", "NET104", "B"),
        ("N", "NET201", "B"),
        ("C3-64z", "NET103", None),
        ("C3-64p", "NET103", None),
        ("H2", "NET201", None),
    ],
)
def test_mistakes_leave_a_broken_piece(text, code, instead):
    codes, (problem,) = scanned(text)
    assert problem.code == code
    assert [edit.text for edit in problem.edits] == ([instead] if instead else [])
    assert any(isinstance(piece, ast.Broken) for piece in codes)


def test_reading_goes_on_behind_a_mistake():
    codes, found = scanned("C3-64s2B")
    assert len(found) == 1
    assert isinstance(codes[0], ast.Broken)


def test_capital_words_that_are_runs_stay_runs():
    assert letters("CBR") == ["C", "B", "R"]


def test_a_code_is_written_back():
    for text in ["C3-64", "C1x7-192/2x1", "C3-{4*k}/{stride}", "D.5", "P3/2s", "C3w", "G", "C3-8g{n}d2p0x1b"]:
        body = parse_inline(Source("<text>", text), ALPHABET)
        assert statement_text(body.statements[0]) == text
