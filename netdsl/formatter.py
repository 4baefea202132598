"""What `netdsl fmt` makes of a file: its text in the tidy form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netdsl.diagnostics import Source
from netdsl.passes.files import MAX_BYTES, read_file, source_of
from netdsl.passes.resolve import ALPHABET, SPELLINGS
from netdsl.syntax.tidy import tidy


def read(file: str, stdin: Callable[[int], bytes] | None = None) -> Source:
    """A file that is there (bundled nets have no names here: they are not the user's to change), or stdin."""
    return read_file(Path(file), file) if stdin is None else source_of(stdin(MAX_BYTES + 1), "<stdin>")


def tidied(source: Source) -> str:
    """Errors: DiagnosticsError with NET1xx, NET201 and NET211 for a file that cannot be read."""
    return tidy(source, ALPHABET, SPELLINGS)
