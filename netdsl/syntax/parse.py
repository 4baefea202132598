"""Text to syntax tree. Lark's trees and exceptions end here: what leaves is our AST and NET1xx diagnostics."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from netdsl.diagnostics import Diagnostic, DiagnosticsError, InternalError, Source, Span
from netdsl.syntax import ast
from netdsl.syntax.brackets import DEFINITION, too_deep
from netdsl.syntax.build import Builder
from netdsl.syntax.codes import Alphabet
from netdsl.syntax.errors import syntax_error
from netdsl.syntax.grammar import parser

Report = Callable[[Diagnostic], None]
MAX_BROKEN = 20
"""Definitions that are looked into before a file is no net at all."""


def parse_file(source: Source, alphabet: Alphabet, report: Report | None = None) -> ast.File:
    """The definitions of a `.net` file. Errors: DiagnosticsError with NET1xx, NET201 and NET211, all that were found.

    With `report`, mistakes that leave the rest readable go there, and a Broken piece stands in their place: of a
    statement or expression, or of a whole definition.
    """
    result: ast.File = _parse(Span(source, 0, len(source.text)), "file", alphabet, report)
    return result


def parse_inline(source: Source, alphabet: Alphabet, report: Report | None = None) -> ast.Body:
    """A net typed on the command line: what would stand between its braces."""
    result: ast.Body = _parse(Span(source, 0, len(source.text)), "inline", alphabet, report)
    return result


def parse_expression(source: Source, alphabet: Alphabet) -> ast.Expression:
    """One expression, such as the value of `--set`."""
    result: ast.Expression = _parse(Span(source, 0, len(source.text)), "expression", alphabet)
    return result


def parse_rules(source: Source, alphabet: Alphabet) -> tuple[ast.Rule, ...]:
    """The rules of a `--with`: `C -> C B; drop L`."""
    result: tuple[ast.Rule, ...] = _parse(Span(source, 0, len(source.text)), "rules", alphabet)
    return result


def _parse(span: Span, start: str, alphabet: Alphabet, report: Report | None = None) -> Any:
    reader = _Reader(alphabet)
    result = reader.parse(span, start)
    if result is None and start == "file":
        result = reader.parse_definitions(span)
    if reader.diagnostics and (result is None or report is None):
        raise DiagnosticsError(reader.diagnostics)
    for diagnostic in reader.diagnostics:
        assert report is not None
        report(diagnostic)
    return result


@dataclass
class _Reader:
    """Runs the parser over a text, and over the texts within it, and keeps what is wrong with them."""

    alphabet: Alphabet
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def parse(self, span: Span, start: str) -> Any:
        text = span.source.text if (span.start, span.end) == (0, len(span.source.text)) else span.text
        if (problem := too_deep(span, text)) is not None:
            self.diagnostics.append(problem)
            return None
        try:
            tree = parser().parse(text, start=start)
        except (UnexpectedToken, UnexpectedCharacters) as error:
            self.diagnostics.append(syntax_error(span, error))
            return None
        except UnexpectedInput as error:
            raise InternalError(f"the parser stopped with {type(error).__name__}") from error
        return Builder(self, span.source, span.start).convert(tree)

    def parse_definitions(self, span: Span) -> ast.File | None:
        """A file that does not parse, definition by definition: each starts with its word at the start of a line.

        What is wrong is said again, once for each definition that does not parse; None where that tells no more.
        """
        starts = [m.start() for m in DEFINITION.finditer(span.text)]
        if len(starts) < 2:
            return None
        before, self.diagnostics = self.diagnostics, []
        found: list[ast.Definition | ast.Broken] = []
        broken = 0
        for start, end in zip([0, *starts], [*starts, len(span.text)], strict=True):
            part = Span(span.source, span.start + start, span.start + end)
            made = self.parse(part, "file") if broken < MAX_BROKEN else None
            found += made.definitions if made is not None else [ast.Broken(part)]
            broken += made is None
        if not broken:
            self.diagnostics = before
            return None
        return ast.File(span, tuple(found))
