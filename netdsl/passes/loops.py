"""What each turn of a `for` gives its names."""

from typing import Any

from netdsl.diagnostics import Diagnostic
from netdsl.passes.environment import EvaluationError
from netdsl.passes.evaluate import show_value
from netdsl.syntax import ast


def rows(loop: ast.For, values: list[Any]) -> list[tuple[Any, ...]]:
    """What each turn of a loop gives its names: from one list, from lists side by side, or from rows."""
    for value, expression in zip(values, loop.values, strict=True):
        if not isinstance(value, tuple):
            raise EvaluationError(_no_list(expression, show_value(value)))
    if len(values) == 1 and len(loop.names) == 1:
        return [(value,) for value in values[0]]
    if len(values) == 1:
        table_rows = [row if isinstance(row, tuple) else None for row in values[0]]
        table = values if None in table_rows else table_rows
        if all(row is not None and len(row) == len(loop.names) for row in table):
            return [row for row in table if row is not None]
    elif len(values) == len(loop.names) and len(set(map(len, values))) == 1:
        return list(zip(*values, strict=True))
    raise EvaluationError(_uneven_lists(loop, values))


def _no_list(expression: ast.Expression, found: str) -> Diagnostic:
    return Diagnostic("NET208", "`for` needs a list", expression.span, expected="[...]", found=found)


def _uneven_lists(loop: ast.For, values: list[Any]) -> Diagnostic:
    rows = values[0] if len(values) == 1 and all(isinstance(row, tuple) for row in values[0]) else ()
    lengths = " and ".join(str(len(v)) for v in rows or values)
    found = f"{len(rows)} rows" if rows else "1 list" if len(values) == 1 else f"{len(values)} lists"
    return Diagnostic(
        "NET208",
        "the names and the lists of `for` do not match",
        loop.values[0].span.to(loop.values[-1].span),
        expected=f"{len(loop.names)} lists of one length, or rows of {len(loop.names)} with `;` between",
        found=f"{found}, of {lengths} items",
    )
