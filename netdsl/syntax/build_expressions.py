"""Expressions: from the parser's trees to the AST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from lark import Token, Tree

from netdsl.diagnostics import Diagnostic, DiagnosticsError, InternalError, Source, Span
from netdsl.syntax import ast
from netdsl.syntax.codes import Alphabet
from netdsl.syntax.numbers import number

MAX_DEPTH = 240  # pieces within pieces: Python recurses three or four times for each


class Reader(Protocol):
    """Whoever parses: for texts within a text, such as the expression in `C3-{2*k}`."""

    alphabet: Alphabet
    diagnostics: list[Diagnostic]

    def parse(self, span: Span, start: str) -> Any: ...


@dataclass
class ExpressionBuilder:
    """Turns one of Lark's trees into the AST; methods are named for the grammar's rules."""

    reader: Reader
    source: Source
    base: int  # where the parsed text starts in the source
    depth: int = 0

    def convert(self, tree: Any) -> Any:
        if isinstance(tree, Token):
            raise InternalError(f"the word {tree.type} has no meaning of its own")
        method: Callable[[Any, list[Any]], Any] = getattr(self, "_" + str(tree.data))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._too_deep(tree)
        result = method(self._span(tree), tree.children)
        self.depth -= 1
        return result

    def _too_deep(self, tree: Tree[Token]) -> None:
        raise DiagnosticsError(
            [
                Diagnostic(
                    "NET107",
                    "this stands too deep in brackets and operators",
                    self._span(tree),
                    expected=f"at most {MAX_DEPTH} levels",
                    note="give the inner part a name: `let part = ...`",
                )
            ]
        )

    def _span(self, piece: Any) -> Span:
        if isinstance(piece, Token):
            return Span(self.source, self.base + (piece.start_pos or 0), self.base + (piece.end_pos or 0))
        meta = piece.meta
        if meta.empty:
            return Span(self.source, self.base, self.base)
        return Span(self.source, self.base + meta.start_pos, self.base + meta.end_pos)

    def _all(self, children: list[Any]) -> tuple[Any, ...]:
        return tuple(self.convert(c) for c in children if c is not None)

    def _maybe(self, child: Any) -> Any:
        return None if child is None else self.convert(child)

    def _expression_at(self, span: Span) -> ast.Expression | None:
        text = span.text.strip()
        if text.isidentifier() and text.islower():  # most are one name
            return ast.Name(span, text)
        result: ast.Expression | None = self.reader.parse(span, "expression")
        return result

    def _arguments(self, span: Span, children: list[Any]) -> tuple[ast.Argument, ...]:
        return tuple(
            made if isinstance(made, ast.Argument) else ast.Argument(made.span, None, made)
            for made in self._all(children)
        )

    def _keyword(self, span: Span, children: list[Any]) -> ast.Argument:
        return ast.Argument(span, str(children[0]), self.convert(children[1]))

    def _number(self, span: Span, children: list[Any]) -> ast.Number | ast.Broken:
        return number(span, self.reader.diagnostics.append)

    def _name(self, span: Span, children: list[Any]) -> ast.Name:
        return ast.Name(span, str(children[0]))

    def _string(self, span: Span, children: list[Any]) -> ast.String:
        return ast.String(span, str(children[0])[1:-1])

    def _tag(self, span: Span, children: list[Any]) -> ast.TagName:
        return self._tag_name(children[0])

    def _dims(self, span: Span, children: list[Any]) -> ast.Dims | ast.Number | ast.Broken:
        return self._number_or_dims(children[0])

    def _number_or_dims(self, token: Token) -> ast.Dims | ast.Number | ast.Broken:
        span = self._span(token)
        if token.type == "NUMBER":
            return number(span, self.reader.diagnostics.append)
        parts: list[ast.Expression] = []
        start = 0
        for piece in _split_dims(str(token)):
            place = Span(self.source, span.start + start, span.start + start + len(piece))
            start += len(piece) + 1
            parts.append(self._dim(place))
        return ast.Dims(span, tuple(parts))

    def _dim(self, place: Span) -> ast.Expression:
        text = place.text
        if text.isdigit():
            return number(place, self.reader.diagnostics.append)
        if text[0] == "{":
            inside = Span(place.source, place.start + 1, place.end - 1)
            return self._expression_at(inside) or ast.Broken(place)
        return ast.OpenSize(place, text)

    def _tag_name(self, token: Token) -> ast.TagName:
        span = self._span(token)
        parts: list[str | ast.Expression] = []
        rest, at = str(token)[1:], span.start + 1
        while rest:
            if rest[0] == "{":
                end = rest.index("}") + 1
                inside = Span(self.source, at + 1, at + end - 1)
                parts.append(self._expression_at(inside) or ast.Broken(inside))
            else:
                end = len(rest.partition("{")[0])
                parts.append(rest[:end])
            rest, at = rest[end:], at + end
        return ast.TagName(span, tuple(parts))

    def _attribute(self, span: Span, children: list[Any]) -> ast.Attribute:
        base, name = children
        place = self._span(base)
        owner = self._tag_name(base) if base.type == "TAG" else ast.Name(place, str(base))
        return ast.Attribute(span, owner, str(name))

    def _call(self, span: Span, children: list[Any]) -> ast.CallExpression:
        return ast.CallExpression(span, str(children[0])[:-1], self._maybe(children[1]) or ())

    def _list(self, span: Span, children: list[Any]) -> ast.ListExpression:
        return ast.ListExpression(span, self._all(children))

    def _row(self, span: Span, children: list[Any]) -> tuple[ast.Expression, ...]:
        return self._all(children)

    def _operation(self, span: Span, children: list[Any]) -> ast.Operation:
        first, *rest = children
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return ast.Operation(span, self.convert(first), tuple((str(op), self.convert(e)) for op, e in pairs))

    def _signed(self, span: Span, children: list[Any]) -> ast.Expression:
        *signs, operand = children
        made: ast.Expression = self.convert(operand)
        return ast.Negative(span, made) if signs.count("-") % 2 else made

    def _compare(self, span: Span, children: list[Any]) -> ast.Comparison:
        left, operator, right = children
        return ast.Comparison(span, self.convert(left), str(operator), self.convert(right))

    def _not_(self, span: Span, children: list[Any]) -> ast.Expression:
        *nots, operand = children
        made: ast.Expression = self.convert(operand)
        return ast.Not(span, made) if len(nots) % 2 else made

    def _any_of(self, span: Span, children: list[Any]) -> ast.Logical:
        return ast.Logical(span, "or", self._all(children))

    def _all_of(self, span: Span, children: list[Any]) -> ast.Logical:
        return ast.Logical(span, "and", self._all(children))


def _split_dims(text: str) -> list[str]:
    """Split at each x that stands outside braces."""
    pieces, depth, piece = [], 0, ""
    for c in text:
        depth += (c == "{") - (c == "}")
        if c == "x" and not depth:
            pieces.append(piece)
            piece = ""
        else:
            piece += c
    return [*pieces, piece]
