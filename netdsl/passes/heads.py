"""Heads: further outputs of a net, each with a weight and a loss of its own."""

from __future__ import annotations

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.ir.network import Head
from netdsl.layers.attributes import POSITIVE, Attribute, nearest, word
from netdsl.passes.environment import Environment, EvaluationError
from netdsl.passes.plan import argument, bind
from netdsl.syntax import ast

HEAD = (
    Attribute("weight", POSITIVE, 1),
    Attribute("loss", word("cross_entropy", "nll", "hinge", "ranking_hinge", "mse", "l1"), "cross_entropy"),
)
"""What a head can be given: the share of its loss in the whole, and which loss."""


def head_of(statement: ast.Head, env: Environment, node: int, first: int, last: int) -> Head:
    """The head that a statement makes of the nodes laid out for it. Errors: EvaluationError with NET204, NET206."""
    given = {}
    for attribute, expression in bind("head", HEAD, statement.arguments):
        value = argument(attribute, expression, env)
        if not attribute.kind.accepts(value):
            raise EvaluationError(
                Diagnostic(
                    "NET206",
                    f"`{attribute.name}` of `head` cannot be {value}",
                    expression.span,
                    expected=attribute.kind.name,
                    found=str(value),
                )
            )
        given[attribute.name] = value
    return Head(node, first, last, given.get("weight", 1), given.get("loss", "cross_entropy"))


def unknown_head(rule: ast.Rule, known: list[str]) -> Diagnostic:
    """A rule drops a head that is not there (NET359)."""
    assert isinstance(rule.left, ast.HeadName)
    name = rule.left.name
    close = nearest(name, known) if name else None
    place = Span(rule.span.source, rule.span.end - len(name or ""), rule.span.end)
    return Diagnostic(
        "NET359",
        f"the rule `{rule.span.text}` matches nothing",
        rule.span,
        "warning",
        expected="one of: " + ", ".join(known) if known else "a net with heads",
        found=name or "no head",
        help=f"write `{close}`" if close else "",
        edits=(Edit(place, close),) if close else (),
    )
