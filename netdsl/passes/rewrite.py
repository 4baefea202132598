"""Variants: rules such as `C -> C B` that put something else in place of each op that matches, as it is laid out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from netdsl.blocks import BLOCKS
from netdsl.diagnostics import Diagnostic, Span
from netdsl.geometry import FeatureMap
from netdsl.layers import NAMES, Layer
from netdsl.layers.attributes import FILLED_IN
from netdsl.passes.environment import Environment, EvaluationError
from netdsl.passes.plan import Plan, argument, plan_call, plan_code
from netdsl.syntax import ast

Written = tuple[ast.Rule, Mapping[str, Any]]
"""A rule with the parameters of the net that it stands in."""


@dataclass(slots=True)
class Rule:
    """One rule ready to match. `plan` is its left side; None where that is a block such as `residual`."""

    span: Span
    right: ast.Body | None
    variables: Mapping[str, Any]
    plan: Plan | None
    block: str = ""
    any: bool = False
    """A bare letter or name: the op with whatever attributes."""
    hits: int = 0

    def holes(self, layer: Layer, x: FeatureMap) -> dict[str, Any] | None:
        """What the left side's names stand for in this layer, or None where it does not match.

        Attributes that are written must be equal, those that are not must be the defaults.
        """
        if self.plan is None or self.plan.layer is not type(layer):
            return None
        if self.any:
            return {}
        found: dict[str, Any] = {}
        wanted = dict(self.plan.constant)
        env = Environment(dict(self.variables))
        for attribute, expression in self.plan.open:
            if isinstance(expression, ast.Name) and expression.name not in self.variables:
                found[expression.name] = wanted[attribute.name] = value_of(layer, attribute.name)
            else:
                wanted[attribute.name] = argument(attribute, expression, env)
        for attribute in layer.signature:
            if attribute.default is FILLED_IN and attribute.name not in wanted:
                wanted[attribute.name] = value_of(layer, attribute.name)
        if self.plan.layer.names_place:
            same = all(str(value) == str(getattr(layer, name)) for name, value in wanted.items())
            return found if same else None
        if next(self.plan.layer.shape_problems(wanted, x), None) is not None:
            return None
        return found if self.plan.layer.build(wanted, x) == layer else None


def value_of(layer: Layer, attribute: str) -> Any:
    """An attribute as a text would give it: one number where all axes are alike."""
    value = getattr(layer, attribute)
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def bind_rules(rules: Iterable[Written], parameters: Mapping[str, Any]) -> tuple[list[Rule], list[Diagnostic]]:
    """Rules ready to match, in the order written. Errors: diagnostics NET103, NET204, NET206 for a left side."""
    bound: list[Rule] = []
    problems: list[Diagnostic] = []
    for rule, variables in rules:
        values = {**parameters, **variables}
        left = rule.left
        if isinstance(left, ast.HeadName | ast.Condition):
            continue  # no op: heads are dropped, and conditions laid out, where the net is
        try:
            if isinstance(left, ast.Op) and left.name in BLOCKS:
                bound.append(Rule(rule.span, rule.right, values, None, left.name))
                continue
            plan = plan_code(left) if isinstance(left, ast.Code) else plan_call(left, left.name)
        except EvaluationError as error:
            problems.append(error.diagnostic)
            continue
        except KeyError:
            continue  # an unknown op, which was reported when names were resolved
        entry = NAMES.get(left.name) if isinstance(left, ast.Op) else None
        any_op = not plan.open and not (plan.bare and plan.spans) and not plan.spans and not (entry and entry.given)
        bound.append(Rule(rule.span, rule.right, values, plan, any=any_op))
    return bound, problems


def unmatched(rules: Iterable[Rule]) -> list[Diagnostic]:
    """A warning for each rule that found nothing to rewrite (NET359)."""
    return [
        Diagnostic(
            "NET359",
            f"the rule `{rule.span.text.strip()}` matches nothing",
            rule.span,
            "warning",
            expected="an op that it rewrites",
            found="none in this net",
            note="joins stay as they are: rules are for ops in a row, and `residual`"
            if rule.plan is not None and rule.plan.layer.is_join
            else "what is not written on the left must be the default; a bare letter matches any",
        )
        for rule in rules
        if not rule.hits
    ]
