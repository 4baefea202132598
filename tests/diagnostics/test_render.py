"""Messages as text and as JSON: marks under the right characters, and the fields of the interface."""

import pytest

from netdsl.compiler import diagnose
from netdsl.diagnostics import Diagnostic, DiagnosticsError, Label, Source, Span, fail
from netdsl.diagnostics.render import render

SOURCE = Source("nets/toy.net", "net toy {\n\tinput 3x8x8\n  add { C3-8 | id } # joined\n}\n")


def span(text: str) -> Span:
    start = SOURCE.text.index(text)
    return Span(SOURCE, start, start + len(text))


def test_marks_and_lines():
    found = Diagnostic(
        "NET301",
        "the branches of `add` have different shapes",
        span("add"),
        expected="branches of one shape",
        found="8x8x8 and 3x8x8",
        help="write `C3-3`",
        note="or not",
        related=(Label(span("C3-8"), "8x8x8"), Label(span("id"), "3x8x8"), Label(span("input"), "from here")),
    )
    assert render(found) == (
        "error[NET301]: the branches of `add` have different shapes\n"
        " --> nets/toy.net:3:3\n"
        "  |\n"
        "2 |  input 3x8x8\n"
        "  |  ----- from here\n"
        "3 |   add { C3-8 | id } # joined\n"
        "  |   ^^^\n"
        "  |         ---- 8x8x8\n"
        "  |                -- 3x8x8\n"
        "expected: branches of one shape\n"
        "   found: 8x8x8 and 3x8x8\n"
        "    help: write `C3-3`\n"
        "    note: or not\n"
    )


def test_without_a_place():
    assert (
        render(Diagnostic("NET501", "there is no file", found="x")) == "error[NET501]: there is no file\n   found: x\n"
    )


def test_a_long_line_is_cut_around_its_mark():
    text = "R " * 400 + "C64 " + "R " * 400
    place = Span(Source("long.net", text), 800, 803)
    lines = render(Diagnostic("NET104", "here", place)).splitlines()
    assert max(map(len, lines)) < 180
    row, marks = lines[3], lines[4]
    assert row[marks.index("^") : marks.rindex("^") + 1] == "C64"


def test_places_at_the_very_end_can_be_shown():
    for text in ("", "\n", "R", "R\n"):
        source = Source("end.net", text)
        assert "^" in render(Diagnostic("NET106", "nothing", Span(source, len(text), len(text))))


def test_json_has_the_fields_of_the_interface():
    found = Diagnostic("NET301", "m", span("add"), found="a", related=(Label(span("id"), "3x8x8"),), note="n")
    assert found.as_json() == {
        "code": "NET301",
        "severity": "error",
        "message": "m",
        "file": "nets/toy.net",
        "line": 3,
        "column": 3,
        "end_line": 3,
        "end_column": 6,
        "expected": None,
        "found": "a",
        "help": "n",
        "related": [{"line": 3, "column": 16, "message": "3x8x8"}],
    }


def test_json_without_a_place():
    shown = Diagnostic("NET501", "m").as_json()
    assert (shown["file"], shown["line"], shown["column"], shown["end_line"]) == (None,) * 4


def test_an_error_of_several_messages():
    with pytest.raises(DiagnosticsError) as error:
        fail("NET501", "there is no file `x`", found="x")
    assert "error[NET501]: there is no file `x`\n   found: x" in str(error.value)


def test_warnings_and_errors_in_the_order_of_the_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "block b() { R } net t { input 3x8x8 C3-8 C3-8 G F10 expect depth = 2 }"
    (tmp_path / "t.net").write_text(text, encoding="utf-8")
    assert [d.code for d in diagnose("t.net") if d.severity != "note"] == ["NET351", "NET352", "NET401"]
