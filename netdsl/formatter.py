"""What `netdsl fmt` makes of a file: its text in the tidy form, defaults written out if wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netdsl.diagnostics import InternalError, Source
from netdsl.expand import expanded, same_networks
from netdsl.passes.files import MAX_BYTES, read_file, source_of
from netdsl.passes.resolve import ALPHABET, SPELLINGS
from netdsl.syntax.tidy import tidy


def read(file: str, stdin: Callable[[int], bytes] | None = None) -> Source:
    """A file that is there (bundled nets have no names here: they are not the user's to change), or stdin."""
    return read_file(Path(file), file) if stdin is None else source_of(stdin(MAX_BYTES + 1), "<stdin>")


def tidied(source: Source, expand: bool = False) -> str:
    """Errors: DiagnosticsError with NET1xx, NET201 and NET211 for a file that cannot be read; `expand`, which must lay
    the nets out, has those of the compiler."""
    text = tidy(source, ALPHABET, SPELLINGS)
    if not expand:
        return text
    before = Source(source.name, text)
    after = Source(source.name, tidy(Source(source.name, expanded(before, ALPHABET)), ALPHABET, SPELLINGS))
    if not same_networks(before, after):
        raise InternalError(f"the expanded form of {source.name} would be other layers")
    return after.text
