"""A cell of the ResNet paper's table, `[1x1, 64; 3x3, 64; 1x1, 256] x 3`, as text in codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lark import Token, Tree

Render = Callable[[Any], str]


def cell_text(cell: Tree[Token], render: Render) -> str | None:
    """`(C1-64 C3-64 C1-256)*3`, or None where an expression cannot stand in a code, which has no inner braces."""
    codes, count = [], ""
    children = iter(cell.children)
    for child in children:
        if isinstance(child, Tree) and child.data == "row":
            kernel, _, filters, *_ = child.children
            codes.append((_kernel(render(kernel)), _number(filters, render)))
        elif isinstance(child, Token) and child.type == "TIMES":
            count = "*" + _count(children, render)
    if any("{" in filters.removeprefix("{") for _, filters in codes):
        return None
    text = " ".join(f"C{kernel}-{filters}" for kernel, filters in codes)
    return (text if len(codes) == 1 else f"({text})") + count


def _kernel(dims: str) -> str:
    """One number where all axes are alike."""
    axes = dims.split("x")
    return axes[0] if len(set(axes)) == 1 else dims


def _number(expression: Any, render: Render) -> str:
    text = render(expression)
    return text if text.isdigit() else f"{{{text}}}"


def _count(rest: Iterable[Any], render: Render) -> str:
    """A number or a name as it is, an expression in its braces."""
    first, *inside = rest
    return f"{{{render(inside[0])}}}" if isinstance(first, Token) else render(first)
