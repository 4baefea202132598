"""Messages for people: where a text is wrong, what was expected and found, what to type instead."""

from netdsl.diagnostics.diagnostic import (
    Diagnostic,
    DiagnosticsError,
    Edit,
    InternalError,
    Label,
    Problem,
    Severity,
    fail,
)
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
