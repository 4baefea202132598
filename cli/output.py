"""The only place that prints: results on stdout, messages on stderr, colour where a person is looking."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from netdsl.diagnostics import Diagnostic
from netdsl.diagnostics.render import render

if TYPE_CHECKING:
    from rich.console import Console

    out: Console
    err: Console

PIPED_WIDTH = 100
LEAST = 8  # columns that a name keeps in a table that is too wide
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


@contextmanager
def written_or_told(path: Path) -> Iterator[None]:
    """What the system refuses to write ends the command with a message."""
    try:
        yield
    except OSError as error:
        message(f"{error.filename or path} cannot be written: {error.strerror or error}")
        raise typer.Exit(1) from error


def fact(name: str, value: object) -> None:
    """A line of a result on stdout: what it is, and the value as it is, be it a file's name with brackets in it."""
    __getattr__("out").print(f"{name.ljust(12)}{value}", highlight=False, markup=False, soft_wrap=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)) -> None:
    """A table on stdout; numbers stand right, the columns `left` left. What is too long loses its middle."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    console = __getattr__("out")
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    spare = sum(widths) + 2 * len(head) - console.width
    rooms = dict(enumerate(widths))
    while spare > 0:  # the longest of the texts gives way first
        longest = max(left, key=lambda column: rooms[column])
        if rooms[longest] <= LEAST:
            break
        rooms[longest] -= 1
        spare -= 1
    made = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for number, name in enumerate(head):
        made.add_column(name, justify="left" if number in left else "right", no_wrap=True)
    for row in cells:
        made.add_row(*(Text(shortened(cell, rooms[number])) for number, cell in enumerate(row)))
    console.print(made, soft_wrap=True)


def shortened(text: str, room: int) -> str:
    """A long name without its middle: the end says which it is."""
    if len(text) <= room:
        return text
    start = (room - 1) // 3
    return f"{text[:start]}…{text[len(text) - (room - 1 - start) :]}"


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
