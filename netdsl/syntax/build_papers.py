"""The spellings of papers' tables, `conv3-64` and `[3x3, 64] x 3`: from the parser's trees to the AST of our codes."""

from __future__ import annotations

from typing import Any

from lark import Tree

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.syntax import ast
from netdsl.syntax.build_expressions import ExpressionBuilder

PAPER_CODES = {"maxpool": "M", "soft-max": "S"}


class PaperBuilder(ExpressionBuilder):
    """Makes codes, groups and repetitions of what the papers print."""

    def _paper(self, span: Span, children: list[Any]) -> ast.Code:
        """`conv3-64` as the code `C3-64`, `maxpool` as `M`, `soft-max` as `S`."""
        token = children[0]
        if not token.startswith("conv"):
            return ast.Code(span, PAPER_CODES[str(token)], (), None, ())
        kernel, filters = token.removeprefix("conv").split("-")
        middle = span.start + len("conv") + len(kernel)
        numbers = (
            ast.Number(Span(span.source, span.start + len("conv"), middle), int(kernel)),
            ast.Number(Span(span.source, middle + 1, span.end), int(filters)),
        )
        return ast.Code(span, "C", numbers, None, ())

    def _cell(self, span: Span, children: list[Any]) -> ast.Statement:
        """`[1x1, 64; 3x3, 64] x 3` as `(C1-64 C3-64)*3`."""
        given = [child for child in children if child is not None]
        rows = [child for child in given if isinstance(child, Tree) and child.data == "row"]
        codes = [self._cell_row(self._span(row), self.convert(row)) for row in rows]
        if not codes:
            empty = Diagnostic("NET102", "this cell is empty", span, expected=ROW, found=span.text)
            self.reader.diagnostics.append(empty)
            return ast.Broken(span)
        item: ast.Statement = codes[0] if len(codes) == 1 else ast.Group(span, ast.Body(span, tuple(codes)))
        return item if len(given) == len(rows) else ast.Repeat(span, item, self.convert(given[-1]))

    def _cell_row(self, span: Span, row: tuple[ast.Expression, ...]) -> ast.Code | ast.Broken:
        if (problem := row_problem(span, row)) is not None:
            self.reader.diagnostics.append(problem)
            return ast.Broken(span)
        kernel, filters = row
        if isinstance(kernel, ast.Dims) and all(part == kernel.parts[0] for part in kernel.parts):
            kernel = kernel.parts[0]
        return ast.Code(span, "C", (kernel, filters), None, ())


ROW = "a kernel and its filters, such as `3x3, 64`"


def row_problem(span: Span, row: tuple[ast.Expression, ...]) -> Diagnostic | None:
    """What is wrong with a cell's row (NET102), with what to type where that is plain (NET104)."""
    if len(row) == 2 and isinstance(row[0], ast.Dims):
        return None
    instead = _instead(row)
    return Diagnostic(
        "NET104" if instead else "NET102",
        f"`{span.text}` is not a row of a cell",
        span,
        expected=ROW,
        found=span.text,
        help=f"write `{instead}`" if instead else "",
        note="a stride stands in a code: `C3-64/2`" if len(row) > 2 else "",
        edits=(Edit(span, instead),) if instead else (),
    )


def _instead(row: tuple[ast.Expression, ...]) -> str:
    """The row that was most likely meant: the two in their order, a kernel with both of its sizes."""
    if len(row) != 2:
        return ""
    first, second = (part.span.text for part in row)
    if isinstance(row[1], ast.Dims):
        return f"{second}, {first}"
    return f"{first}x{first}, {second}" if isinstance(row[0], ast.Number) and first.isdigit() else ""
