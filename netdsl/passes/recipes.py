"""Recipes worked out to numbers, words, lists and calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.ir.network import Recipe
from netdsl.layers.attributes import nearest
from netdsl.passes.definition_problems import head
from netdsl.passes.environment import Environment, EvaluationError, UnknownError
from netdsl.passes.evaluate import evaluate, plain_value
from netdsl.passes.resolve import Program
from netdsl.passes.select import parameters_of
from netdsl.syntax import ast

MAX_EXTENDED = 50  # recipes below one


def evaluate_recipes(program: Program) -> tuple[Mapping[str, Recipe], list[Diagnostic]]:
    """Every recipe of a file, with what it extends put in.

    Needs:   a file that was resolved
    Makes:   recipes by name
    Reports: NET203 an unknown base, NET204 `set` for a parameter that no net of the file has, NET208 and NET211 values
             that do not work out
    """
    recipes: dict[str, Recipe] = {}
    problems: list[Diagnostic] = []
    reported: set[str] = set()
    env = Environment({}, program.is_op, bare_words=True)
    for name, recipe in program.recipes.items():
        chain, problem = _chain(program, recipe)
        if problem is not None:
            names = {part.name for part in chain}
            if program.complete and not names & reported:
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
    return recipes, [*problems, *_unknown_parameters(program)]


def _unknown_parameters(program: Program) -> Iterator[Diagnostic]:
    """`set` lines for what no net here has. One net is enough: a file's recipes are for all of its nets."""
    if not program.nets or not program.complete:
        return
    known = {name for net in program.nets.values() for name in parameters_of(program, net)}
    for recipe in program.recipes.values():
        for line in recipe.net_settings:
            if line.name in known:
                continue
            start = line.span.start + line.span.text.index(line.name, len("set"))
            place = Span(line.span.source, start, start + len(line.name))
            close = nearest(line.name, known)
            yield Diagnostic(
                "NET204",
                f"no net of this file has a parameter `{line.name}`",
                place,
                expected="one of: " + ", ".join(sorted(known)) if known else "no `set`, as no net has parameters",
                found=line.name,
                help=f"write `{close}`" if close else "",
                edits=(Edit(place, close),) if close else (),
            )


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


def _chain(program: Program, recipe: ast.Recipe) -> tuple[list[ast.Recipe], Diagnostic | None]:
    """A recipe after those it extends, the first base first."""
    chain = [recipe]
    while (name := chain[0].base) is not None:
        base = program.recipes.get(name)
        names = [r.name for r in chain]
        if base is None or name in names or len(chain) > MAX_EXTENDED:
            circle = list(reversed(names[: names.index(name) + 1 if name in names else 1])) if base else []
            return chain, _no_base(program, chain[0], name, circle)
        chain.insert(0, base)
    return chain, None


def _no_base(program: Program, recipe: ast.Recipe, base: str, circle: list[str]) -> Diagnostic:
    line = head(recipe.span)
    place = Span(line.source, line.end - len(base), line.end)
    others = [name for name in program.recipes if name != recipe.name]
    close = nearest(base, others) if not circle else None
    return Diagnostic(
        "NET203",
        f"the recipe `{recipe.name}` extends itself" if circle else f"there is no recipe `{base}`",
        place,
        expected="one of: " + ", ".join(others) if others else "another recipe",
        found=" -> ".join([*circle, base]) if circle else base,
        help=f"write `{close}`" if close else "",
        edits=(Edit(place, close),) if close else (),
    )
