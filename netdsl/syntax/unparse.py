"""Syntax tree to tidy text. Parsing the text gives an equal tree; comments, which no tree holds, are lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from netdsl.diagnostics import InternalError
from netdsl.syntax import ast
from netdsl.syntax.unparse_expressions import arguments_text, braced, dims_text, expression_text, number_text, tag_text

WIDTH = 100
INDENT = "  "


def unparse(piece: ast.File | ast.Body) -> str:
    """The text of a file, or of a net typed without its braces."""
    if isinstance(piece, ast.Body):
        return "\n".join(_body_lines(piece)) + "\n"
    return "\n".join("\n".join(_DEFINITIONS[type(d)](d)) + "\n" for d in piece.definitions)


# Definitions


def _import(d: ast.Import) -> list[str]:
    name = d.path.removesuffix(".net")
    short = d.path.endswith(".net") and re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    return [f"import {name}" if short else f'import "{d.path}"']


def _defined(d: ast.Block | ast.Net) -> list[str]:
    word = "block" if isinstance(d, ast.Block) else "net"
    rules = _rules(d.rules) if isinstance(d, ast.Net) else ""
    return _braced(f"{word} {_signature(d.name, d.parameters)}{rules}", d.body)


def _net_alias(d: ast.NetAlias) -> list[str]:
    claims = [claims_text(claims) for claims in d.claims]
    first = f"net {_signature(d.name, d.parameters)} = {expression_text(d.base)}{_rules(d.rules)}"
    one = " ".join([first, *claims])
    return [one] if len(one) <= WIDTH else [first, *(INDENT + text for text in claims)]


def _recipe(d: ast.Recipe) -> list[str]:
    head = f"recipe {d.name}" + (f" extends {d.base}" if d.base is not None else "")
    lines = [f"{s.name} = {expression_text(s.value)}" for s in d.settings]
    lines += [f"set {s.name} = {expression_text(s.value)}" for s in d.net_settings]
    return [f"{head} {{", *(INDENT + line for line in lines), "}"]


def _rules(rules: tuple[ast.Rule, ...]) -> str:
    return f" with {{ {'; '.join(map(_rule, rules))} }}" if rules else ""


def _rule(rule: ast.Rule) -> str:
    if isinstance(rule.left, ast.HeadName):
        return f"drop head {rule.left.name or ''}".rstrip()
    left = statement_text(rule.left)
    if isinstance(rule.left, ast.Condition):
        return left
    return f"drop {left}" if rule.right is None else f"{left} -> {_inline(rule.right)}".rstrip()


def _head(s: ast.Head) -> str:
    source = f" from {tag_text(s.source)}" if s.source is not None else ""
    return f"head {s.name}{arguments_text(s.arguments)}{source}"


def _signature(name: str, parameters: tuple[ast.Parameter, ...]) -> str:
    shown = [p.name if p.default is None else f"{p.name} = {expression_text(p.default)}" for p in parameters]
    return f"{name}({', '.join(shown)})" if shown else name


_DEFINITIONS: Mapping[type, Callable[[Any], list[str]]] = {
    ast.Import: _import,
    ast.Block: _defined,
    ast.Net: _defined,
    ast.NetAlias: _net_alias,
    ast.Recipe: _recipe,
}


# Bodies: on one line where they fit, else one or more lines a statement


def _braced(head: str, body: ast.Body) -> list[str]:
    one = f"{head} {{ {_inline(body)} }}"
    if len(one) <= WIDTH and not any(isinstance(s, ast.Input) for s in body.statements):
        return [one]
    return [f"{head} {{", *_indented(_body_lines(body)), "}"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [INDENT + line for line in lines]


def _inline(body: ast.Body) -> str:
    return " ".join(map(statement_text, body.statements))


def _body_lines(body: ast.Body) -> list[str]:
    """Statements that fill lines; those that need lines of their own, or start a new thought, begin one."""
    lines: list[str] = []
    fill = False
    for statement in body.statements:
        one = statement_text(statement)
        alone = isinstance(statement, _OWN_LINE)
        if len(one) > WIDTH:
            lines += _long(statement)
            fill = False
        elif fill and not alone and len(lines[-1]) + 1 + len(one) <= WIDTH:
            lines[-1] += " " + one
        else:
            lines.append(one)
            fill = not alone
    return lines


_OWN_LINE = (ast.Input, ast.Let, ast.If, ast.For, ast.Default, ast.Head, ast.Condition, ast.Share, ast.Claims)


def _long(statement: ast.Statement) -> list[str]:
    """A statement that does not fit a line."""
    match statement:
        case ast.Group():
            return ["(", *_indented(_body_lines(statement.body)), ")"]
        case ast.Repeat() | ast.Tagged():
            *first, last = _long(statement.item)
            return [*first, last + _suffix(statement)]
        case ast.Op() if statement.branches is not None:
            return _long_op(statement, statement.branches)
        case ast.If():
            return _long_if(statement)
        case ast.For():
            return _braced(_for_head(statement), statement.body)
        case ast.Head():
            return _braced(_head(statement), statement.body)
        case ast.Share():
            return _braced(f"share {statement.name}", statement.body)
    return [statement_text(statement)]


def _long_op(op: ast.Op, branches: tuple[ast.Body, ...]) -> list[str]:
    lines = [f"{op.name}{arguments_text(op.arguments)} {{"]
    for index, branch in enumerate(branches):
        first, *rest = _body_lines(branch) or [""]
        lines += [("| " if index else INDENT) + first, *_indented(rest)]
    return [*lines, "}"]


def _long_if(statement: ast.If) -> list[str]:
    lines: list[str] = []
    for index, (condition, body) in enumerate(statement.cases):
        word = "} else if" if index else "if"
        lines += [f"{word} {expression_text(condition)} {{", *_indented(_body_lines(body))]
    if statement.otherwise is not None:
        lines += ["} else {", *_indented(_body_lines(statement.otherwise))]
    return [*lines, "}"]


# Statements on one line


def statement_text(statement: ast.Statement) -> str:
    return _STATEMENTS[type(statement)](statement)


def _code(code: ast.Code) -> str:
    first, *more = code.numbers or (None,)
    text = code.letters
    if isinstance(first, ast.Number) and isinstance(first.value, Fraction):
        text += number_text(first.value).removeprefix("0")  # D.5
    elif first is not None:
        text += _in_code(first)
    text += "".join(f"-{_in_code(number)}" for number in more)
    if code.stride is not None:
        text += "/" + _in_code(code.stride)
    return text + "".join(m.letter + ("" if m.value is None else _in_code(m.value)) for m in code.modifiers)


def _in_code(number: ast.Expression) -> str:
    match number:
        case ast.Number(value=int()):
            return number_text(number.value)
        case ast.Dims():
            return dims_text(number)
    return braced(number)


def _op(op: ast.Op) -> str:
    head = op.name + arguments_text(op.arguments)
    if op.branches is None:
        return head
    return f"{head} {{ {' | '.join(map(_inline, op.branches))} }}"


def _suffixed(statement: ast.Repeat | ast.Tagged) -> str:
    return statement_text(statement.item) + _suffix(statement)


def _suffix(statement: ast.Repeat | ast.Tagged) -> str:
    if isinstance(statement, ast.Tagged):
        return " " + tag_text(statement.tag)
    count = statement.count
    return "*" + (expression_text(count) if isinstance(count, ast.Number | ast.Name) else braced(count))


def _if(statement: ast.If) -> str:
    parts = [f"if {expression_text(condition)} {{ {_inline(body)} }}" for condition, body in statement.cases]
    if statement.otherwise is not None:
        parts.append(f"{{ {_inline(statement.otherwise)} }}")
    return " else ".join(parts)


def _for_head(loop: ast.For) -> str:
    return f"for {', '.join(loop.names)} in {', '.join(map(expression_text, loop.values))}"


def claims_text(claims: ast.Claims) -> str:
    word = "printed" if claims.printed else "expect"
    if claims.arguments is not None:
        word += arguments_text(claims.arguments) or "()"
    return f"{word} {', '.join(map(_claim, claims.claims))}"


def _claim(claim: ast.Claim) -> str:
    """The value stands as it was written: its digits say how exact it is."""
    tag = "" if claim.tag is None else f" {tag_text(claim.tag)}"
    return f"{claim.metric}{tag} {'~' if claim.approximate else '='} {claim.text}"


def _broken(broken: ast.Broken) -> str:
    raise InternalError("a broken piece has no text: format only what was parsed without mistakes")


_STATEMENTS: Mapping[type, Callable[[Any], str]] = {
    ast.Code: _code,
    ast.Op: _op,
    ast.Group: lambda s: f"({_inline(s.body)})",
    ast.Repeat: _suffixed,
    ast.Tagged: _suffixed,
    ast.Input: lambda s: f"input {expression_text(s.dims)}",
    ast.Let: lambda s: f"let {s.name} = {expression_text(s.value)}",
    ast.If: _if,
    ast.For: lambda s: f"{_for_head(s)} {{ {_inline(s.body)} }}",
    ast.Default: lambda s: f"default {_code(s.code)}",
    ast.From: lambda s: f"from {tag_text(s.tag)}",
    ast.Head: lambda s: f"{_head(s)} {{ {_inline(s.body)} }}",
    ast.Condition: lambda s: f"condition {s.name}({expression_text(s.values)})",
    ast.Share: lambda s: f"share {s.name} {{ {_inline(s.body)} }}",
    ast.Claims: claims_text,
    ast.Broken: _broken,
}
