"""Recipes worked out to numbers, words, lists and calls; what they mean is the training's business."""

from collections.abc import Mapping
from typing import Any

from netdsl.diagnostics import Diagnostic, Span
from netdsl.ir.network import Recipe
from netdsl.passes.evaluate import Environment, EvaluationError, UnknownError, evaluate, plain_value
from netdsl.passes.resolve import Program, recipe_chain
from netdsl.syntax import ast


def evaluate_recipes(program: Program) -> tuple[Mapping[str, Recipe], list[Diagnostic]]:
    """Every recipe of a file, with what it extends put in.

    Needs:   a file that was resolved
    Makes:   recipes by name
    Reports: NET203 an unknown base, NET208 and NET211 values that do not work out
    """
    recipes: dict[str, Recipe] = {}
    problems: list[Diagnostic] = []
    reported: set[str] = set()
    env = Environment({}, program.is_op, bare_words=True)
    for name, recipe in program.recipes.items():
        chain, problem = recipe_chain(program, recipe)
        if problem is not None:
            names = {part.name for part in chain}
            if not names & reported:
                problems.append(problem)
            reported |= names
            continue
        settings: dict[str, Any] = {}
        net_settings: dict[str, Any] = {}
        spans: dict[str, Span] = {}
        for part in chain:
            _fill(part.settings, settings, spans, env, problems)
            _fill(part.net_settings, net_settings, spans, env, problems)
        recipes[name] = Recipe(name, settings, net_settings, spans)
    return recipes, problems


def _fill(
    lines: tuple[ast.Setting, ...],
    values: dict[str, Any],
    spans: dict[str, Span],
    env: Environment,
    problems: list[Diagnostic],
) -> None:
    for line in lines:
        try:
            values[line.name] = plain_value(evaluate(line.value, env))
            spans[line.name] = line.span
        except EvaluationError as error:
            if error.diagnostic not in problems:  # one that several recipes extend
                problems.append(error.diagnostic)
        except UnknownError:
            continue  # reported when the text was read
