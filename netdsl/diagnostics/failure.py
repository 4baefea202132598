"""How mistakes travel: as an exception that holds diagnostics, or one that asks for a bug report."""

from collections.abc import Iterable
from typing import Any, NoReturn

from netdsl.diagnostics.diagnostic import Diagnostic
from netdsl.diagnostics.render import render


class DiagnosticsError(Exception):
    """A user's mistake, or their file's, data's or machine's: shown as messages, never as a traceback."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{d.severity}[{d.code}]: {d.message}" for d in self.diagnostics))

    def __str__(self) -> str:
        return "\n".join(render(d) for d in self.diagnostics)


class InternalError(Exception):
    """Something that cannot happen did; please report it with the file that made it happen."""


def fail(code: str, message: str, **details: Any) -> NoReturn:
    """Raise one diagnostic: `fail("NET501", "...", expected="...", found="...", note="...")`."""
    raise DiagnosticsError([Diagnostic(code, message, **details)])
