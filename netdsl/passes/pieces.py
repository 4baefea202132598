"""What stands inside a piece of syntax: expressions, names, and the conditions and shares of nets."""

from collections.abc import Collection, Iterable
from typing import Any

from netdsl.syntax import ast


def parts(e: ast.Expression) -> tuple[ast.Expression, ...]:
    """The expressions directly inside another."""
    match e:
        case ast.Operation():
            return (e.first, *(operand for _, operand in e.rest))
        case ast.Comparison():
            return (e.left, e.right)
        case ast.Negative() | ast.Not():
            return (e.operand,)
        case ast.Logical():
            return e.operands
        case ast.ListExpression():
            return tuple(item for row in e.rows for item in row)
        case ast.Dims():
            return e.parts
        case ast.TagName():
            return tuple(part for part in e.parts if not isinstance(part, str))
    return ()


def names_in(piece: Any) -> set[str]:
    """Every name in a piece of syntax."""
    if isinstance(piece, ast.Name | ast.Op):
        return {piece.name} | names_in([getattr(piece, name) for name in piece._compared])
    if isinstance(piece, ast.Piece):
        return names_in([getattr(piece, name) for name in piece._compared])
    if isinstance(piece, list | tuple):
        return set().union(*map(names_in, piece))
    return set()


def of_nets(nets: Collection[ast.Net | ast.NetAlias], rules: Iterable[ast.Rule] = ()) -> frozenset[str]:
    """The names of all conditions and shares of some nets, and of the conditions among further rules."""
    every = [s for net in nets if isinstance(net, ast.Net) for s in net.body.statements]
    lefts = [rule.left for rule in (*(rule for net in nets for rule in net.rules), *rules)]
    return frozenset(s.name for s in (*every, *lefts) if isinstance(s, ast.Condition | ast.Share))
