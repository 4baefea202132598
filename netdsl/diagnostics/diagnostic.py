"""What is wrong, where, and what to type instead."""

from typing import Any, Literal

from netdsl.diagnostics.source import Span
from netdsl.record import Record, record

Severity = Literal["error", "warning", "note"]


@record
class Edit(Record):
    """Replace the span's text: a help line in a form that a test, or an editor, can apply."""

    span: Span
    text: str


@record
class Label(Record):
    """A further place that belongs to a diagnostic, with a few words on it."""

    span: Span
    message: str


@record
class Problem(Record):
    """What a layer or block finds wrong with its input or arguments; whoever asked adds the place.

    `replacement` is what to type in place of the layer's own text, `append` what to put behind it; `help` says it in
    words, with its cost. `argument` names the attribute that the problem is about.
    """

    code: str
    message: str
    expected: str = ""
    found: str = ""
    help: str = ""
    replacement: str | None = None
    append: str = ""
    argument: str = ""


@record
class Diagnostic(Record):
    """One message. `help` can always be typed in (`edits` does it); advice that cannot be goes into `note`."""

    code: str
    message: str
    span: Span | None = None
    severity: Severity = "error"
    label: str = ""
    expected: str = ""
    found: str = ""
    help: str = ""
    note: str = ""
    related: tuple[Label, ...] = ()
    edits: tuple[Edit, ...] = ()

    def as_json(self) -> dict[str, Any]:
        file: str | None = None
        start: tuple[int | None, int | None] = (None, None)
        end = start
        if self.span is not None:
            file = self.span.source.name
            start = self.span.source.position(self.span.start)
            end = self.span.source.position(self.span.end)
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": file,
            "line": start[0],
            "column": start[1],
            "end_line": end[0],
            "end_column": end[1],
            "expected": self.expected or None,
            "found": self.found or None,
            "help": self.help or self.note or None,
            "related": [
                dict(zip(("line", "column"), r.span.source.position(r.span.start), strict=True), message=r.message)
                for r in self.related
            ],
        }
