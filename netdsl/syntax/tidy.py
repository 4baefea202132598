"""A file in its one tidy form: the author's lines and comments, the house's spaces, indents and codes."""

from __future__ import annotations

from netdsl.diagnostics import InternalError, Source
from netdsl.record import Record
from netdsl.syntax import ast
from netdsl.syntax.breaks import settle_breaks
from netdsl.syntax.codes import Alphabet
from netdsl.syntax.columns import settle_columns, text_of
from netdsl.syntax.leaves import Spellings, read_leaves
from netdsl.syntax.lines import lines
from netdsl.syntax.parse import parse_file


def tidy(source: Source, alphabet: Alphabet, spellings: Spellings) -> str:
    """The tidy form of a file. `spellings` are the codes that have another letter in the house.

    Errors: DiagnosticsError with NET1xx, NET201 and NET211 for a file that cannot be read.
    """
    before = parse_file(source, alphabet)
    laid_out = list(lines(settle_breaks(read_leaves(source, alphabet, spellings))))
    settle_columns(laid_out)
    text = text_of(laid_out)
    if not same_meaning(before, parse_file(Source(source.name, text), alphabet), spellings):
        raise InternalError(f"the tidy form of {source.name} would mean something else")
    return text


def same_meaning(one: ast.File, other: ast.File, spellings: Spellings) -> bool:
    """Are two trees equal but for the letters of codes and the spaces in claims?"""
    pairs: list[tuple[object, object]] = [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif isinstance(a, Record) and type(a) is type(b):
            pairs += [(getattr(a, name), getattr(b, name)) for name in a._compared if not _is_spelling(a, name)]
            if isinstance(a, ast.Code) and isinstance(b, ast.Code):
                pairs.append((spellings.get(a.letters, a.letters), spellings.get(b.letters, b.letters)))
        elif a != b:
            return False
    return True


def _is_spelling(piece: Record, name: str) -> bool:
    """A code's letters; and a claim's text, which has spaces where its value is an expression."""
    if isinstance(piece, ast.Claim):
        return name == "text" and not isinstance(piece.value, ast.Number | ast.String)
    return isinstance(piece, ast.Code) and name == "letters"
