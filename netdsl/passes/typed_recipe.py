"""Settings of a recipe that are typed on the command line, in a recipe's words."""

from collections.abc import Mapping
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError, Source, Span
from netdsl.ir.network import Recipe
from netdsl.passes.environment import Environment, EvaluationError
from netdsl.passes.evaluate import evaluate, plain_value
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax.parse import parse_expression

OPTION = "--set-recipe"


def typed_recipe(texts: Mapping[str, str]) -> Recipe:
    """`{"schedule": "step(at=[50%])"}` as a recipe. Errors: DiagnosticsError with all that is no value."""
    settings: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    problems: list[Diagnostic] = []
    for name, text in texts.items():
        source = Source(f"{OPTION} {name}", text)
        spans[name] = Span(source, 0, len(text))
        try:
            settings[name] = plain_value(evaluate(parse_expression(source, ALPHABET), Environment({}, bare_words=True)))
        except DiagnosticsError as error:
            problems += error.diagnostics
        except EvaluationError as error:
            problems.append(error.diagnostic)
    if problems:
        raise DiagnosticsError(problems)
    return Recipe(OPTION, settings, {}, spans)
