"""Expressions as text, with the fewest parentheses that keep their meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from netdsl.syntax import ast

# How strongly a form holds together, from `or` up; a part that holds less than its place asks for gets parentheses.
OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(8)


def expression_text(e: ast.Expression, place: int = OR) -> str:
    """The text of an expression, in parentheses where its place needs a form that holds together more strongly."""
    form = _form(e)
    text = _RULES[form](e) if form != ATOM else _ATOMS[type(e)](e)
    return f"({text})" if form < place else text


def _form(e: ast.Expression) -> int:
    match e:
        case ast.Logical():
            return OR if e.operator == "or" else AND
        case ast.Not():
            return NOT
        case ast.Comparison():
            return COMPARE
        case ast.Operation():
            return SUM if e.rest[0][0] in "+-" else PRODUCT
        case ast.Negative():
            return SIGN
    return ATOM


def _logical(e: ast.Logical) -> str:
    return f" {e.operator} ".join(expression_text(part, _form(e) + 1) for part in e.operands)


def _comparison(e: ast.Comparison) -> str:
    return f"{expression_text(e.left, SUM)} {e.operator} {expression_text(e.right, SUM)}"


def _operation(e: ast.Operation) -> str:
    inner = _form(e) + 1
    simple = inner == SIGN and all(isinstance(o, ast.Number | ast.Name) for o in (e.first, *(o for _, o in e.rest)))
    around = "" if simple else " "  # 2*k reads as one
    rest = (f"{around}{operator}{around}{expression_text(operand, inner)}" for operator, operand in e.rest)
    return expression_text(e.first, inner) + "".join(rest)


_RULES: Mapping[int, Callable[[Any], str]] = {
    OR: _logical,
    AND: _logical,
    NOT: lambda e: f"not {expression_text(e.operand, COMPARE)}",
    COMPARE: _comparison,
    SUM: _operation,
    PRODUCT: _operation,
    SIGN: lambda e: f"-{expression_text(e.operand, ATOM)}",
}


def number_text(value: int | Fraction) -> str:
    """Exact: every number that can be written has a finite decimal."""
    if isinstance(value, int):
        return str(value)
    places = next(n for n in range(1, 400) if 10**n % value.denominator == 0)
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def braced(e: ast.Expression) -> str:
    return f"{{{expression_text(e)}}}"


def dims_text(dims: ast.Dims) -> str:
    return "x".join(map(_dim, dims.parts))


def _dim(part: ast.Expression) -> str:
    match part:
        case ast.OpenSize():
            return part.letter
        case ast.Number(value=int()):
            return str(part.value)
    return braced(part)


def tag_text(tag: ast.TagName) -> str:
    return "@" + "".join(part if isinstance(part, str) else braced(part) for part in tag.parts)


def arguments_text(arguments: tuple[ast.Argument, ...]) -> str:
    """With their parentheses; nothing for none."""
    shown = [f"{a.name} = {expression_text(a.value)}" if a.name else expression_text(a.value) for a in arguments]
    return f"({', '.join(shown)})" if shown else ""


def _list(e: ast.ListExpression) -> str:
    return "[" + "; ".join(", ".join(map(expression_text, row)) for row in e.rows) + "]"


_ATOMS: Mapping[type, Callable[[Any], str]] = {
    ast.Number: lambda e: number_text(e.value),
    ast.String: lambda e: f'"{e.value}"',
    ast.Name: lambda e: e.name,
    ast.OpenSize: lambda e: e.letter,
    ast.Dims: dims_text,
    ast.TagName: tag_text,
    ast.Attribute: lambda e: f"{tag_text(e.base) if isinstance(e.base, ast.TagName) else e.base.name}.{e.name}",
    ast.CallExpression: lambda e: e.name + (arguments_text(e.arguments) or "()"),
    ast.ListExpression: _list,
}
