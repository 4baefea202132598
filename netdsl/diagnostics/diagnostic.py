"""What is wrong, where, and what to type instead."""

from collections.abc import Iterable
from typing import Any, Literal, NoReturn

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


class DiagnosticsError(Exception):
    """A user's mistake, or their file's, data's or machine's: shown as messages, never as a traceback."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{d.severity}[{d.code}]: {d.message}" for d in self.diagnostics))

    def __str__(self) -> str:
        from netdsl.diagnostics.render import render

        return "\n".join(render(d) for d in self.diagnostics)


class InternalError(Exception):
    """Something that cannot happen did; please report it with the file that made it happen."""


def fail(code: str, message: str, **details: Any) -> NoReturn:
    """Raise one diagnostic: `fail("NET501", "...", expected="...", found="...", note="...")`."""
    raise DiagnosticsError([Diagnostic(code, message, **details)])
