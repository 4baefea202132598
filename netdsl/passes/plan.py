"""What a code or call says: the kind of layer and its arguments, by the names of the layer's attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.layers import CODES, NAMES, Layer
from netdsl.layers.attributes import Attribute, nearest
from netdsl.passes.environment import Environment, EvaluationError
from netdsl.passes.evaluate import evaluate, show_value
from netdsl.syntax import ast

WORD_MODIFIERS: dict[str, tuple[str, Any]] = {
    "s": ("padding", "same"),
    "v": ("padding", "valid"),
    "f": ("padding", "full"),
    "w": ("groups", "depthwise"),
    "c": ("ceil_mode", True),
    "n": ("bias", False),
    "b": ("bias", True),
}
NUMBER_MODIFIERS = {"p": "padding", "d": "dilation", "g": "groups"}
LARGEST_LONE_KERNEL = 11


@dataclass(slots=True)
class Plan:
    """A code or call read once: what is constant is worked out, what is not is left for each time it is laid out."""

    layer: type[Layer]
    constant: dict[str, Any]
    open: tuple[tuple[Attribute, ast.Expression], ...]
    spans: dict[str, Span]
    word: str = ""
    """The code's letters or the op's name, as the text has it."""
    bare: bool = False
    """No numbers: they come from a `default` or the textbook's rule."""

    def given(self, env: Environment) -> dict[str, Any]:
        if not self.open:
            return self.constant
        values = {attribute.name: argument(attribute, e, env) for attribute, e in self.open}
        return {**self.constant, **values}


def argument(attribute: Attribute, expression: ast.Expression, env: Environment) -> Any:
    """The value of an argument in the kind that its attribute wants. Errors: EvaluationError with NET207, NET210."""
    if isinstance(expression, ast.Name) and expression.name in attribute.kind.words:
        if expression.name in env.variables:
            raise EvaluationError(
                Diagnostic(
                    "NET210",
                    f"`{expression.name}` is a word of `{attribute.name}` and a variable here",
                    expression.span,
                    expected="names that do not collide with the words of the attribute",
                    found=expression.name,
                    note="give the parameter or `let` another name",
                )
            )
        return expression.name
    value = evaluate(expression, env)
    if not isinstance(value, Fraction):
        return value
    if float in attribute.kind.types or int not in attribute.kind.types:
        return float(value)
    raise EvaluationError(
        Diagnostic(
            "NET207",
            f"`{attribute.name}` does not come out as a whole number",
            expression.span,
            expected="a whole number",
            found=_worked_out(expression.span.text.strip("{}"), show_value(value)),
            note="round it on purpose with floor(...), round(...) or ceil(...)",
        )
    )


def _worked_out(text: str, value: str) -> str:
    return value if text == value else f"{text} = {value}"


def plan_code(code: ast.Code) -> Plan:
    """What a code says. Errors: EvaluationError with NET103, NET104, NET204."""
    entry = CODES[code.letters]
    declared = {attribute.name: attribute for attribute in entry.layer.signature}
    written: list[tuple[str, Any, Span]] = []
    if len(code.numbers) > len(entry.layer.numbers):
        raise _wrong_form(code, entry.layer)
    written += [(n, e, e.span) for n, e in zip(entry.layer.numbers, code.numbers, strict=False)]
    if code.stride is not None:
        written.append(("stride", code.stride, code.stride.span))
    for modifier in code.modifiers:
        if modifier.value is not None:
            written.append((NUMBER_MODIFIERS[modifier.letter], modifier.value, modifier.span))
        else:
            written.append((*WORD_MODIFIERS[modifier.letter], modifier.span))
    _check_lone_kernel(code, entry.layer)
    constant: dict[str, Any] = dict(entry.given)
    open_arguments: list[tuple[Attribute, ast.Expression]] = []
    spans: dict[str, Span] = {}
    for name, value, span in written:
        attribute = declared.get(name)
        if attribute is None:
            raise _no_such_part(code, entry.layer, name, span)
        if name in spans:
            raise EvaluationError(
                Diagnostic("NET103", f"`{code.span.text}` says its {name} twice", span, expected="once", found="twice")
            )
        spans[name] = span
        if isinstance(value, ast.Number):
            constant[name] = argument(attribute, value, NOTHING)
        elif isinstance(value, ast.Expression):
            open_arguments.append((attribute, value))
        else:
            constant[name] = value
    bare = not code.numbers and code.stride is None
    return Plan(entry.layer, constant, tuple(open_arguments), spans, code.letters, bare)


NOTHING = Environment({})


def plan_call(op: ast.Op, name: str) -> Plan:
    """What a call of an op by its full name says. Errors: EvaluationError with NET204, NET206."""
    entry = NAMES[name]
    bound = bind(name, entry.layer.signature, op.arguments)
    spans = {attribute.name: value.span for attribute, value in bound}
    return Plan(entry.layer, dict(entry.given), tuple(bound), spans, name)


def bind(
    name: str, signature: tuple[Attribute, ...], arguments: tuple[ast.Argument, ...]
) -> list[tuple[Attribute, ast.Expression]]:
    """Arguments with the attributes they are for, by position and by name. Errors: EvaluationError, NET204, NET206."""
    declared = {attribute.name: attribute for attribute in signature}
    bound: dict[str, ast.Expression] = {}
    for position, given in enumerate(arguments):
        if given.name is None:
            if position >= len(signature):
                raise EvaluationError(_too_many(name, [a.name for a in signature], given, len(arguments)))
            key = signature[position].name
        else:
            key = given.name
        if key not in declared:
            raise EvaluationError(unknown_argument(name, key, list(declared), given, "attribute"))
        if key in bound:
            raise EvaluationError(_twice(name, key, given, bound[key]))
        bound[key] = given.value
    return [(declared[key], value) for key, value in bound.items()]


def bind_parameters(
    name: str, parameters: tuple[ast.Parameter, ...], arguments: tuple[ast.Argument, ...]
) -> Mapping[str, ast.Expression]:
    """The same for the parameters of a block or net."""
    names = [parameter.name for parameter in parameters]
    bound: dict[str, ast.Expression] = {}
    for position, given in enumerate(arguments):
        if given.name is None and position >= len(names):
            raise EvaluationError(_too_many(name, names, given, len(arguments)))
        key = given.name if given.name is not None else names[position]
        if key not in names:
            raise EvaluationError(unknown_argument(name, key, names, given, "parameter"))
        if key in bound and names.count(key) == 1:  # a parameter that is there twice was reported
            raise EvaluationError(_twice(name, key, given, bound[key]))
        bound[key] = given.value
    return bound


def missing_argument(name: str, parameter: ast.Parameter, span: Span) -> Diagnostic:
    return Diagnostic(
        "NET205",
        f"`{name}` needs `{parameter.name}`",
        span,
        expected=f"a value for `{parameter.name}`",
        found="nothing",
        related=(Label(parameter.span, "has no default"),) if parameter.span.start != span.start else (),
    )


def unknown_argument(name: str, key: str, known: list[str], given: ast.Argument, kind: str) -> Diagnostic:
    close = nearest(key, known)
    place = Span(given.span.source, given.span.start, given.span.start + len(key))
    return Diagnostic(
        "NET204",
        f"`{name}` has no {kind} `{key}`",
        place,
        expected="one of: " + ", ".join(known) if known else "no arguments",
        found=key,
        help=f"write `{close}`" if close else "",
        edits=(Edit(place, close),) if close else (),
    )


def _too_many(name: str, known: list[str], given: ast.Argument, count: int) -> Diagnostic:
    return Diagnostic(
        "NET206",
        f"too many arguments for `{name}`",
        given.span,
        expected=f"at most {len(known)}: {', '.join(known)}" if known else "none",
        found=str(count),
    )


def _twice(name: str, key: str, given: ast.Argument, first: ast.Expression) -> Diagnostic:
    return Diagnostic(
        "NET206",
        f"`{key}` of `{name}` is given twice",
        given.span,
        expected="one value",
        found=f"{first.span.text} and {given.value.span.text}",
        related=(Label(first.span, f"this is `{key}`"),),
    )


def _wrong_form(code: ast.Code, layer: type[Layer]) -> EvaluationError:
    takes = " and ".join(layer.numbers) or "no numbers"
    place = code.numbers[len(layer.numbers)].span
    keep = code.letters + "".join(n.span.text for n in code.numbers[: len(layer.numbers)])
    return EvaluationError(
        Diagnostic(
            "NET204",
            f"`{code.letters}` takes {takes}",
            place,
            expected=takes,
            found=code.span.text,
            help=f"write `{keep}`",
            edits=(Edit(code.span, keep),),
        )
    )


def _no_such_part(code: ast.Code, layer: type[Layer], name: str, span: Span) -> EvaluationError:
    known = ", ".join(a.name for a in layer.signature) or "nothing"
    start = span.start - 1 if name == "stride" else span.start
    place = Span(span.source, start, span.end)
    text = code.span.text
    without = text[: start - code.span.start] + text[span.end - code.span.start :]
    return EvaluationError(
        Diagnostic(
            "NET204",
            f"`{code.letters}` has no {name}, which `{place.text}` sets",
            place,
            expected=f"what `{code.letters}` has: {known}",
            found=code.span.text,
            help=f"write `{without}`",
            edits=(Edit(code.span, without),),
        )
    )


def _check_lone_kernel(code: ast.Code, layer: type[Layer]) -> None:
    """`C64`: the first number is the kernel, and nobody means a kernel of 64."""
    if len(layer.numbers) < 2 or len(code.numbers) != 1:
        return
    number = code.numbers[0]
    if not isinstance(number, ast.Number) or not number.value > LARGEST_LONE_KERNEL:
        return
    instead = f"{code.letters}3-{number.span.text}{code.span.text[number.span.end - code.span.start :]}"
    raise EvaluationError(
        Diagnostic(
            "NET104",
            f"the first number of `{code.span.text}` is the kernel",
            code.span,
            expected="kernel, `-`, filters",
            found=f"a kernel of {number.value}",
            help=f"write `{instead}`",
            edits=(Edit(code.span, instead),),
        )
    )
