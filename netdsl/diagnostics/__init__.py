"""Messages for people: where a text is wrong, what was expected and found, what to type instead."""

from netdsl.diagnostics.diagnostic import Diagnostic, Edit, Label, Problem, Severity
from netdsl.diagnostics.failure import DiagnosticsError, InternalError, fail
from netdsl.diagnostics.source import Source, Span

__all__ = [
    "Diagnostic",
    "DiagnosticsError",
    "Edit",
    "InternalError",
    "Label",
    "Problem",
    "Severity",
    "Source",
    "Span",
    "fail",
]
