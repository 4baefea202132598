"""The only place that prints: results on stdout, messages on stderr, colour where a person is looking."""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netdsl.diagnostics import Diagnostic
from netdsl.diagnostics.render import render

if TYPE_CHECKING:
    from rich.console import Console

    out: Console
    err: Console

PIPED_WIDTH = 100
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_HEAD = re.compile(r"(error|warning|note)\[(NET\d+)\]: ")


def __getattr__(name: str) -> Any:
    """`out` and `err`: rich consoles, made when they are first needed."""
    if name not in ("out", "err"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rich.console import Console

    stream = sys.stdout if name == "out" else sys.stderr
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    globals()[name] = console = Console(stderr=name == "err", width=width, highlight=False)
    return console


def write(text: str) -> None:
    """Text to stdout as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def message(text: str) -> None:
    """Text to stderr as it is."""
    sys.stderr.write(text + "\n")


def internal_error(what: str) -> None:
    message(f"internal error: {what}\nplease report this, with the file that made it happen")


def described(error: Exception) -> str:
    """An exception in one line, with the place it comes from, for a report."""
    from traceback import extract_tb

    place = extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{f': {text}' if text else ''} ({Path(place.filename).name}:{place.lineno})"


def close_stdout() -> None:
    """When the reader of a pipe has gone or the disk is full: nothing more to say, and no complaint at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def diagnostics(found: Iterable[Diagnostic], to_stderr: bool = False) -> None:
    """Diagnostics with a line between, coloured on a terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    if stream.isatty() and not os.environ.get("NO_COLOR"):
        from rich.text import Text

        console = __getattr__("err" if to_stderr else "out")
        for diagnostic in found:
            console.print(_coloured(Text(render(diagnostic)), diagnostic), soft_wrap=True)
        return
    for diagnostic in found:
        stream.write(render(diagnostic) + "\n")
    stream.flush()


def _coloured(text: Any, diagnostic: Diagnostic) -> Any:
    style = STYLES[diagnostic.severity]
    text.highlight_regex(_HEAD, style)
    text.highlight_regex(r"(?m)^ *\| *(\^+.*)$", style)
    text.highlight_regex(r"(?m)^ *\| *(-+.*)$", "cyan")
    text.highlight_regex(r"(?m)^ *(help|note):", "bold green")
    text.highlight_regex(r"(?m)^ *(expected|found):", "bold")
    text.highlight_regex(r"(?m)^ *--> .*$", "dim")
    return text
