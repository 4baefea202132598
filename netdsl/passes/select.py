"""Which net is meant, and its parameters: from the file, from `--set`, from Python."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError, Edit, Source, Span
from netdsl.layers.attributes import nearest
from netdsl.passes.environment import Environment, EvaluationError, UnknownError
from netdsl.passes.evaluate import evaluate
from netdsl.passes.plan import bind_parameters
from netdsl.passes.resolve import ALPHABET, Program, read_rules
from netdsl.passes.rewrite import Written
from netdsl.record import Record, record
from netdsl.syntax import ast
from netdsl.syntax.numbers import whole_if_possible
from netdsl.syntax.parse import parse_expression

MAX_ALIASES = 50


@record
class Selected(Record):
    """A net with values for its parameters. `as_written` are those that the file itself gives it.

    `claims` are an alias's own, and all that count for it; None for a net, whose claims stand in its body.
    """

    name: str
    net: ast.Net
    settings: Mapping[str, Any]
    as_written: Mapping[str, Any]
    claims: tuple[tuple[ast.Claims, Mapping[str, Any]], ...] | None
    rules: tuple[Written, ...] = ()
    reference: Span | None = None
    """Where an alias names its base: a mistake in the base may hang on the arguments there."""


def select(program: Program, name: str | None, given: Mapping[str, Any], with_rules: str = "") -> Selected:
    """The net of this name with these settings, and with more rules than it has itself.

    Errors: DiagnosticsError with NET1xx for the rules, NET2xx.
    """
    if name is None or name not in program.nets:
        raise DiagnosticsError(_no_such_net(program, name))
    definition = program.nets[name]
    settings = _settings(program, definition, given)
    try:
        net, values, claims, rules = _unalias(program, definition, settings, 0)
        as_written = _unalias(program, definition, {}, 0)[1] if given else values
    except EvaluationError as error:
        raise DiagnosticsError([error.diagnostic]) from error
    except UnknownError:
        raise DiagnosticsError(()) from None
    more: tuple[Written, ...] = ()
    if with_rules.strip():
        more = tuple((rule, {}) for rule in read_rules(program, with_rules))
    reference = None
    if isinstance(definition, ast.NetAlias) and definition.base.arguments:
        reference = definition.base.span
    return Selected(name, net, values, as_written, claims, (*rules, *more), reference)


Claimed = tuple[tuple[ast.Claims, Mapping[str, Any]], ...] | None


def _unalias(
    program: Program, definition: ast.Net | ast.NetAlias, settings: Mapping[str, Any], depth: int
) -> tuple[ast.Net, Mapping[str, Any], Claimed, tuple[Written, ...]]:
    """Follow `net a = b(...)` to the net with a body; the base's rules come before those of its variants."""
    if isinstance(definition, ast.Net):
        return definition, settings, None, tuple((rule, {}) for rule in definition.rules)
    base = program.nets.get(definition.base.name)
    if base is None and not program.complete:
        raise UnknownError
    if base is None or depth >= MAX_ALIASES:
        close = nearest(definition.base.name, program.nets)
        place = Span(
            definition.base.span.source,
            definition.base.span.start,
            definition.base.span.start + len(definition.base.name),
        )
        raise EvaluationError(
            Diagnostic(
                "NET203",
                f"there is no net `{definition.base.name}`" if base is None else "this net is made of itself",
                place,
                expected="one of: " + ", ".join(program.nets) if base is None else "another net",
                found=definition.base.name,
                help=f"write `{close}`" if close and base is None else "",
                edits=(Edit(place, close),) if close and base is None else (),
            )
        )
    env = Environment({}, program.is_op)
    for parameter in definition.parameters:
        if parameter.name in settings:
            env.variables[parameter.name] = settings[parameter.name]
        elif parameter.default is not None:
            env.variables[parameter.name] = evaluate(parameter.default, env)
    bound = bind_parameters(base.name, base.parameters, definition.base.arguments)
    values: dict[str, Any] = {key: evaluate(value, env) for key, value in bound.items()}
    passed_on = {p.name for p in base.parameters} - set(bound)
    values |= {key: value for key, value in settings.items() if key in passed_on}
    values |= {key: value for key, value in env.variables.items() if key in passed_on}  # a default of its own
    net, reached, _, rules = _unalias(program, base, values, depth + 1)
    own = tuple((rule, dict(env.variables)) for rule in definition.rules)
    return net, reached, tuple((claims, dict(env.variables)) for claims in definition.claims), (*rules, *own)


def parameters_of(program: Program, definition: ast.Net | ast.NetAlias, depth: int = 0) -> dict[str, ast.Parameter]:
    """What can be set: a net's parameters; an alias's own, and those of its base that it leaves free."""
    own = {p.name: p for p in definition.parameters}
    if isinstance(definition, ast.Net):
        return own
    base = program.nets.get(definition.base.name)
    if base is None or depth >= MAX_ALIASES:
        return own
    fixed = {a.name for a in definition.base.arguments}
    positions = sum(a.name is None for a in definition.base.arguments)
    inherited = list(parameters_of(program, base, depth + 1).items())[positions:]
    return own | {name: p for name, p in inherited if name not in fixed and name not in own}


def _settings(program: Program, definition: ast.Net | ast.NetAlias, given: Mapping[str, Any]) -> dict[str, Any]:
    known = parameters_of(program, definition)
    problems: list[Diagnostic] = []
    settings: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            problems.append(_no_such_parameter(definition.name, name, value, known))
            continue
        try:
            read = _value(program, name, value, known[name])
            if not _is_default(program, read, known[name]):
                settings[name] = read
        except DiagnosticsError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise DiagnosticsError(problems)
    return settings


def _is_default(program: Program, value: Any, parameter: ast.Parameter) -> bool:
    """Setting a parameter to what it is changes nothing: all the file's claims are still about this net."""
    if not isinstance(parameter.default, ast.Number | ast.String | ast.Name):
        return False
    try:
        default = evaluate(parameter.default, Environment({}, program.is_op))
    except UnknownError:  # it is another parameter's value
        return False
    return type(value) is type(default) and bool(value == default)


def _value(program: Program, name: str, value: Any, parameter: ast.Parameter) -> Any:
    """A setting as the language sees it: exact numbers, lists as tuples; a text is read as an expression."""
    if isinstance(parameter.default, ast.String):
        return str(value).strip('"')
    if isinstance(value, bool):
        return value
    if isinstance(value, Fraction):
        return whole_if_possible(value)
    if isinstance(value, list | tuple):
        return tuple(_value(program, name, item, parameter) for item in value)
    source = Source(f"--set {name}", str(value))
    expression = parse_expression(source, ALPHABET)
    try:
        return evaluate(expression, Environment({}, program.is_op))
    except EvaluationError as error:
        raise DiagnosticsError([error.diagnostic]) from error
    except UnknownError:
        problem = Diagnostic(
            "NET203",
            f"`{value}` is no value for `{name}`",
            expression.span,
            expected="a number, true or false, a list, or the name of a block",
            found=str(value),
        )
        raise DiagnosticsError([problem]) from None


def _no_such_parameter(net: str, name: str, value: Any, known: Mapping[str, Any]) -> Diagnostic:
    close = nearest(name, known)
    source = Source("--set", f"{name}={value}")
    span = Span(source, 0, len(name))
    return Diagnostic(
        "NET204",
        f"the net `{net}` has no parameter `{name}`",
        span,
        expected="one of: " + ", ".join(known) if known else "no parameters",
        found=name,
        help=f"write `{close}={value}`" if close else "",
        edits=(Edit(span, close),) if close else (),
    )


def _no_such_net(program: Program, name: str | None) -> list[Diagnostic]:
    if name is None:
        if program.diagnostics:
            return []
        found = "blocks or recipes only" if program.blocks or program.recipes else "nothing"
        source = program.source
        return [
            Diagnostic(
                "NET106", f"there is no net in `{source.name}`", Span(source, 0, 0), expected="a net", found=found
            )
        ]
    if not program.complete:
        return []
    close = nearest(name, program.nets)
    return [
        Diagnostic(
            "NET203",
            f"there is no net `{name}` in `{program.source.name}`",
            expected="one of: " + ", ".join(program.nets),
            found=name,
            note=f"did you mean `{close}`?" if close else "",
        )
    ]
