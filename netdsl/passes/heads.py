"""Heads: further outputs of a net, each with a weight and a loss of its own."""

from __future__ import annotations

from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.ir.network import Head
from netdsl.layers.attributes import POSITIVE, Attribute, nearest, word
from netdsl.passes.environment import Environment, EvaluationError
from netdsl.passes.plan import argument, bind
from netdsl.recipes.losses import LABEL, LOSSES, OF_STYLES, TARGETS, targets_of
from netdsl.syntax import ast

HEAD = (
    Attribute("weight", POSITIVE, 1),
    Attribute("loss", word(*(loss for loss in LOSSES if loss != OF_STYLES)), "cross_entropy"),
    Attribute("target", word(*TARGETS), LABEL),
)
"""What a head can be given: the share of its loss in the whole, which loss, and what that compares the output with."""


def head_of(statement: ast.Head, env: Environment, node: int, first: int, last: int) -> Head:
    """The head that a statement makes of the nodes laid out for it. Errors: EvaluationError with NET204, NET206."""
    given: dict[str, Any] = {}
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
    head = Head(node, first, last, **{attribute.name: attribute.default for attribute in HEAD} | given)
    if head.target not in targets_of(head.loss):
        raise EvaluationError(
            Diagnostic(
                "NET206",
                f"`target` of `head` cannot be {head.target} with `loss = {head.loss}`",
                statement.name_span,
                expected=f"`loss = mse` or `loss = l1` for this target, or `target = {LABEL}`",
                found=f"{head.loss}, which takes scores of classes and a label",
            )
        )
    return head


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
