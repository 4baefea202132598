"""Expressions worked out to values: exact fractions, booleans, texts, lists, and the names of blocks and ops."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NoReturn

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.ir.network import Call
from netdsl.layers.attributes import TagValue, nearest
from netdsl.passes.environment import Environment, EvaluationError, NamedOp, UnknownError
from netdsl.passes.functions import FUNCTIONS, MAX_LIST, MAX_LISTS_IN_LISTS, is_number, list_size
from netdsl.syntax import ast
from netdsl.syntax.numbers import MAX_BITS, whole_if_possible

MAX_SHOWN = 8  # items of a list, in a message


def evaluate(expression: ast.Expression, env: Environment) -> Any:
    """The value of an expression. Errors: EvaluationError with NET203, NET207 to NET211; UnknownError."""
    return _RULES[type(expression)](expression, env)


def whole(expression: ast.Expression, env: Environment, what: str, minimum: int | None = None) -> int:
    """A whole number that `what` needs (NET207)."""
    value = evaluate(expression, env)
    if isinstance(value, bool) or not isinstance(value, int):
        message, expected = f"{what} must be a whole number", "a whole number"
    elif minimum is not None and value < minimum:
        message, expected = f"{what} must be at least {minimum}", f"a whole number from {minimum}"
    else:
        return value
    found = show_value(value)
    if not isinstance(expression, ast.Number):
        found = f"{expression.span.text.strip('{}')} = {found}"
    raise _error("NET207", message, expression.span, expected, found, related=_origin(expression, env))


def _origin(expression: ast.Expression, env: Environment) -> tuple[Label, ...]:
    """The `let` that gave a name its value."""
    place = env.origins.get(expression.name) if isinstance(expression, ast.Name) else None
    return () if place is None else (Label(place, "worked out here"),)


def show_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        if value.denominator in (1, 2, 4, 5, 8, 10, 20, 25, 50, 100, 1000):
            return f"{float(value):g}"
        return f"{value.numerator}/{value.denominator} = {float(value):.4g}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        more = ", ..." if len(value) > MAX_SHOWN else ""
        return "[" + ", ".join(map(show_value, value[:MAX_SHOWN])) + more + "]"
    return str(value)


def tag_text(tag: ast.TagName, env: Environment) -> str:
    """`@d{i}` with its numbers put in."""
    return "".join(part if isinstance(part, str) else show_value(evaluate(part, env)) for part in tag.parts)


def _error(code: str, message: str, span: Span, expected: str = "", found: str = "", **more: Any) -> EvaluationError:
    return EvaluationError(Diagnostic(code, message, span, expected=expected, found=found, **more))


def _checked(value: int | Fraction, span: Span) -> int | Fraction:
    if isinstance(value, Fraction):
        value = whole_if_possible(value)
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise _error("NET211", "this number is too large", span, f"at most {MAX_BITS} bits", "more")
    return value


def _number(value: Any, span: Span, what: str) -> int | Fraction:
    if not is_number(value):
        raise _error("NET208", f"{what} needs a number", span, "a number", show_value(value))
    result: int | Fraction = value
    return result


def _name(e: ast.Name, env: Environment) -> Any:
    if e.name in env.variables:
        value = env.variables[e.name]
        if value is None:
            raise UnknownError  # a `let` that was reported where it stands
        return value
    if e.name in ("true", "false"):
        return e.name == "true"
    if env.names(e.name):
        return NamedOp(e.name)
    if env.bare_words or e.name in env.words:
        return e.name
    if e.name == "here":
        instead = "here.channels"
        help_text = f"write `{instead}`"
        raise _error(
            "NET210",
            "`here` is a shape",
            e.span,
            "one of its numbers",
            "here",
            help=help_text,
            edits=(Edit(e.span, instead),),
        )
    raise UnknownError  # reported when names were resolved


def _attribute(e: ast.Attribute, env: Environment) -> int:
    if isinstance(e.base, ast.TagName):
        if env.tag is None:
            raise _error("NET210", "there are no tags here", e.span, "a number")
        shape = env.tag(tag_text(e.base, env), e.base.span)
    elif e.base.name == "here" and env.here is not None:
        found = env.here()
        if found is None:
            raise _error("NET210", "nothing stands before this, so `here` has no shape", e.span, "an `input` before it")
        shape = found
    elif e.base.name == "here":
        raise _error("NET210", "there is no `here` outside a body", e.span, "a number")
    else:
        raise UnknownError
    if e.name == "channels":
        return shape.channels
    if e.name in SIZES:
        index = SIZES[e.name]
        if index <= len(shape.size):
            env.sizes_read.append(e.span)
            return shape.size[-index]
        raise _error("NET210", f"{shape} has no {e.name}", e.span, "a feature map with that axis", str(shape))
    raise _error("NET210", f"a shape has no `{e.name}`", e.span, ", ".join(SHAPE_PARTS), e.name, **_near_part(e))


def _near_part(e: ast.Attribute) -> dict[str, Any]:
    close = nearest(e.name, SHAPE_PARTS)
    if close is None:
        return {}
    place = Span(e.span.source, e.span.end - len(e.name), e.span.end)
    return {"help": f"write `{close}`", "edits": (Edit(place, close),)}


SIZES = {"width": 1, "length": 1, "height": 2, "depth": 3}
SHAPE_PARTS = ("channels", *SIZES)


def _operation(e: ast.Operation, env: Environment) -> int | Fraction:
    value = _number(evaluate(e.first, env), e.first.span, "arithmetic")
    for operator, operand in e.rest:
        other = _number(evaluate(operand, env), operand.span, "arithmetic")
        if operator in ("/", "//") and other == 0:
            raise _error("NET208", "division by zero", operand.span, "a number other than 0", "0")
        value = _checked(_ARITHMETIC[operator](value, other), e.span)
    return value


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Fraction(a) / b,
    "//": lambda a, b: a // b,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _comparison(e: ast.Comparison, env: Environment) -> bool:
    left, right = evaluate(e.left, env), evaluate(e.right, env)
    if e.operator in ("==", "!="):
        return bool(left == right) == (e.operator == "==")
    return _COMPARISONS[e.operator](_number(left, e.left.span, "`<`"), _number(right, e.right.span, "`<`"))


def truth(expression: ast.Expression, env: Environment) -> bool:
    value = evaluate(expression, env)
    if not isinstance(value, bool):
        raise _error("NET208", "a condition is needed here", expression.span, "true or false", show_value(value))
    return value


def _logical(e: ast.Logical, env: Environment) -> bool:
    if e.operator == "and":
        return all(truth(operand, env) for operand in e.operands)
    return any(truth(operand, env) for operand in e.operands)


def _list(e: ast.ListExpression, env: Environment) -> tuple[Any, ...]:
    rows = tuple(tuple(evaluate(item, env) for item in row) for row in e.rows)
    value = rows if len(rows) > 1 else (rows[0] if rows else ())
    if list_size(value) > MAX_LIST:
        expected = f"at most {MAX_LIST:,} items, and lists {MAX_LISTS_IN_LISTS} deep in one another"
        raise _error("NET211", "this list is too large", e.span, expected, "more")
    return value


def _dims(e: ast.Dims, env: Environment) -> tuple[int, ...]:
    return tuple(whole(part, env, "a size", minimum=0) for part in e.parts)


def _call(e: ast.CallExpression, env: Environment) -> Any:
    function = FUNCTIONS.get(e.name)
    if function is None:
        if env.bare_words:
            return _recipe_call(e, env)
        raise UnknownError
    if any(argument.name for argument in e.arguments):
        raise _error("NET208", f"`{e.name}` takes numbers without names", e.span, "numbers", e.span.text)
    values = [evaluate(argument.value, env) for argument in e.arguments]
    try:
        value = function.value(*values)
    except (TypeError, ValueError, OverflowError) as error:
        shown = ", ".join(map(show_value, values))
        raise _error("NET208", f"`{e.name}` cannot work with this", e.span, function.form, shown) from error
    return _checked(value, e.span) if is_number(value) else value


def _recipe_call(e: ast.CallExpression, env: Environment) -> Call:
    """`sgd(lr=0.1)`: what it means is the training's business."""
    args = tuple(plain_value(evaluate(a.value, env)) for a in e.arguments if a.name is None)
    return Call(e.name, args, {a.name: plain_value(evaluate(a.value, env)) for a in e.arguments if a.name})


def plain_value(value: Any) -> Any:
    """Fractions as floats: outside layouts nothing needs to come out even."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return str(value) if isinstance(value, NamedOp) else value


def _open_size(e: ast.OpenSize, env: Environment) -> NoReturn:
    raise _error("NET208", f"`{e.letter}` stands for a size in `input` only", e.span, "a number", e.letter)


def _broken(e: ast.Broken, env: Environment) -> NoReturn:
    raise UnknownError  # reported when the text was read


_RULES: Mapping[type, Callable[[Any, Environment], Any]] = {
    ast.Number: lambda e, env: e.value,
    ast.String: lambda e, env: e.value,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Operation: _operation,
    ast.Negative: lambda e, env: -_number(evaluate(e.operand, env), e.operand.span, "`-`"),
    ast.Comparison: _comparison,
    ast.Broken: _broken,
    ast.OpenSize: _open_size,
    ast.Not: lambda e, env: not truth(e.operand, env),
    ast.Logical: _logical,
    ast.ListExpression: _list,
    ast.Dims: _dims,
    ast.CallExpression: _call,
    ast.TagName: lambda e, env: TagValue(tag_text(e, env)),
}
