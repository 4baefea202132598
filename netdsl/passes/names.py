"""Every name in a body is that of something: an op, a block, a parameter, a `let`, a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netdsl.blocks import BLOCKS
from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.layers import NAMES
from netdsl.layers.attributes import nearest
from netdsl.passes.functions import FUNCTIONS
from netdsl.passes.heads import HEAD
from netdsl.passes.pieces import names_in, parts
from netdsl.syntax import ast

CONSTANTS = ("true", "false", "here")


@dataclass
class NameChecker:
    """Walks bodies once, whether they are ever called or not. `used` collects the blocks that were named."""

    is_op: Callable[[str], bool]
    op_names: Sequence[str]
    diagnostics: list[Diagnostic]
    complete: bool = True
    """False when a file could not be read: then an unknown name may be in there."""
    used: set[str] = field(default_factory=set)
    of_nets: frozenset[str] = frozenset()
    """Conditions and shares of the program's nets, which their blocks see."""

    def check(self, parameters: Sequence[ast.Parameter], body: ast.Body, is_block: bool = False) -> None:
        known: set[str] = set(self.of_nets) if is_block else set()
        for parameter in parameters:
            if parameter.default is not None:
                self._expression(parameter.default, known)
            if parameter.name in known:
                self._twice(parameter)
            known.add(parameter.name)
        self._body(body, known)

    def _twice(self, parameter: ast.Parameter) -> None:
        self.diagnostics.append(
            Diagnostic(
                "NET212",
                f"the parameter `{parameter.name}` is there twice",
                parameter.span,
                expected="a name of its own for each parameter",
                found=parameter.span.text,
            )
        )

    def check_reference(self, parameters: Sequence[ast.Parameter], base: ast.CallExpression) -> None:
        """What `net a(...) = b(...)` hands on."""
        known: set[str] = set()
        for parameter in parameters:
            if parameter.default is not None:
                self._expression(parameter.default, known)
            known.add(parameter.name)
        for argument in base.arguments:
            self._expression(argument.value, known)

    def check_own_parameters(self, alias: ast.NetAlias, of_base: Sequence[str]) -> None:
        """A parameter of an alias is for its base, or is named in its own line (NET204)."""
        named = names_in((alias.base, alias.rules, alias.claims, [p.default for p in alias.parameters]))
        for parameter in alias.parameters:
            if parameter.name in of_base or parameter.name in named:
                continue
            close = nearest(parameter.name, of_base)
            place = Span(parameter.span.source, parameter.span.start, parameter.span.start + len(parameter.name))
            self.diagnostics.append(
                Diagnostic(
                    "NET204",
                    f"`{alias.base.name}` has no parameter `{parameter.name}`, and nothing here uses it",
                    place,
                    expected="one of: " + ", ".join(of_base) if of_base else "no parameters",
                    found=parameter.name,
                    help=f"write `{close}`" if close else "",
                    edits=(Edit(place, close),) if close else (),
                )
            )

    def check_rules(self, rules: Sequence[ast.Rule], parameters: set[str]) -> None:
        """The rules of a variant: names in the numbers of a left side stand for what they match."""
        for rule in rules:
            left = rule.left
            if isinstance(left, ast.HeadName):
                continue
            if isinstance(left, ast.Condition):
                self._expression(left.values, parameters)
                continue
            numbers = left.numbers if isinstance(left, ast.Code) else [a.value for a in left.arguments]
            stride = left.stride if isinstance(left, ast.Code) else None
            modifiers = [m.value for m in left.modifiers] if isinstance(left, ast.Code) else []
            holes = {e.name for e in (*numbers, stride, *modifiers) if isinstance(e, ast.Name)}
            if isinstance(left, ast.Op) and not self.is_op(left.name):
                self._unknown("NET202", "op or block", left.name, left.name_span, self.op_names)
            if rule.right is not None:
                self._only_ops(rule.right)
                body = {"body"} if isinstance(left, ast.Op) and left.name in BLOCKS else set()
                self._body(rule.right, parameters | holes | body | self.of_nets)

    def _only_ops(self, body: ast.Body) -> None:
        """What a rule puts in an op's place (NET102)."""
        for statement in body.statements:
            if isinstance(statement, ast.Input | ast.Claims | ast.Condition | ast.Share):
                self.diagnostics.append(
                    Diagnostic(
                        "NET102",
                        "this cannot take the place of an op",
                        statement.span,
                        expected="ops on the right side of a rule",
                        found=statement.span.text,
                    )
                )

    def _body(self, body: ast.Body, known: set[str]) -> None:
        for statement in body.statements:
            self._statement(statement, known)

    def _statement(self, s: ast.Statement, known: set[str]) -> None:
        _RULES[type(s)](self, s, known)

    def _group(self, s: ast.Group, known: set[str]) -> None:
        self._body(s.body, known)

    def _repeat(self, s: ast.Repeat, known: set[str]) -> None:
        self._statement(s.item, known)
        self._expression(s.count, known)

    def _tagged(self, s: ast.Tagged, known: set[str]) -> None:
        self._statement(s.item, known)
        self._expression(s.tag, known)

    def _input(self, s: ast.Input, known: set[str]) -> None:
        self._expression(s.dims, known)

    def _let(self, s: ast.Let, known: set[str]) -> None:
        self._expression(s.value, known)
        known.add(s.name)

    def _if(self, s: ast.If, known: set[str]) -> None:
        for condition, body in s.cases:
            self._expression(condition, known)
            self._body(body, set(known))
        if s.otherwise is not None:
            self._body(s.otherwise, set(known))

    def _for(self, s: ast.For, known: set[str]) -> None:
        for value in s.values:
            self._expression(value, known)
        self._body(s.body, known | set(s.names))

    def _default(self, s: ast.Default, known: set[str]) -> None:
        self._code(s.code, known)

    def _head(self, s: ast.Head, known: set[str]) -> None:
        words = frozenset(word for attribute in HEAD for word in attribute.kind.words)
        for argument in s.arguments:
            self._expression(argument.value, known, words)
        if s.source is not None:
            self._expression(s.source, known)
        self._body(s.body, set(known))

    def _condition(self, s: ast.Condition, known: set[str]) -> None:
        self._expression(s.values, known)
        known.add(s.name)

    def _share(self, s: ast.Share, known: set[str]) -> None:
        known.add(s.name)
        self._body(s.body, set(known))

    def _from(self, s: ast.From, known: set[str]) -> None:
        self._expression(s.tag, known)

    def _claims(self, s: ast.Claims, known: set[str]) -> None:
        for argument in s.arguments or ():
            self._expression(argument.value, known)
        for claim in s.claims:
            self._expression(claim.value, known)

    def _code(self, code: ast.Code, known: set[str]) -> None:
        for number in code.numbers:
            self._expression(number, known)
        if code.stride is not None:
            self._expression(code.stride, known)
        for modifier in code.modifiers:
            if modifier.value is not None:
                self._expression(modifier.value, known)

    def _op(self, op: ast.Op, known: set[str]) -> None:
        self.used.add(op.name)
        if op.name != "id" and op.name not in known and not self.is_op(op.name):
            self._unknown("NET202", "op or block", op.name, op.name_span, [*self.op_names, *known])
        for argument in op.arguments:
            self._expression(argument.value, known, words_of(op.name, argument.name))
        for branch in op.branches or ():
            self._body(branch, known)

    def _expression(self, e: ast.Expression, known: set[str], words: frozenset[str] = frozenset()) -> None:
        match e:
            case ast.Name():
                self._name(e, known, words)
            case ast.Attribute():
                self._attribute(e, known)
            case ast.CallExpression():
                self._call(e, known)
            case _:
                for part in parts(e):
                    self._expression(part, known)

    def _name(self, e: ast.Name, known: set[str], words: frozenset[str]) -> None:
        if e.name in known:
            return
        self.used.add(e.name)
        if e.name not in CONSTANTS and e.name not in words and not self.is_op(e.name):
            self._unknown("NET203", "name", e.name, e.span, [*known, *sorted(words)])

    def _attribute(self, e: ast.Attribute, known: set[str]) -> None:
        if isinstance(e.base, ast.TagName):
            self._expression(e.base, known)
        elif e.base.name != "here":
            self._unknown("NET203", "shape", e.base.name, e.base.span, ["here"])

    def _call(self, e: ast.CallExpression, known: set[str]) -> None:
        if e.name not in FUNCTIONS:
            place = Span(e.span.source, e.span.start, e.span.start + len(e.name))
            self._unknown("NET203", "function", e.name, place, list(FUNCTIONS))
        for argument in e.arguments:
            self._expression(argument.value, known)

    def _unknown(self, code: str, what: str, name: str, span: Span, known: Sequence[str]) -> None:
        if not self.complete and what in ("op or block", "name"):
            return
        close = nearest(name, known)
        self.diagnostics.append(
            Diagnostic(
                code,
                f"unknown {what} `{name}`",
                span,
                expected=_one_of(what, sorted(set(known))),
                found=name,
                help=f"write `{close}`" if close else "",
                edits=(Edit(span, close),) if close else (),
            )
        )


_RULES: Mapping[type, Callable[[NameChecker, Any, set[str]], None]] = {
    ast.Code: NameChecker._code,
    ast.Op: NameChecker._op,
    ast.Group: NameChecker._group,
    ast.Repeat: NameChecker._repeat,
    ast.Tagged: NameChecker._tagged,
    ast.Input: NameChecker._input,
    ast.Let: NameChecker._let,
    ast.If: NameChecker._if,
    ast.For: NameChecker._for,
    ast.Default: NameChecker._default,
    ast.From: NameChecker._from,
    ast.Head: NameChecker._head,
    ast.Condition: NameChecker._condition,
    ast.Share: NameChecker._share,
    ast.Claims: NameChecker._claims,
    ast.Broken: lambda self, s, known: None,
}


def _one_of(what: str, known: Sequence[str]) -> str:
    if not known:
        return "a parameter, a `let` or a number"
    return "one of: " + ", ".join(known) if len(known) < 13 else f"an {what} that is there"


def words_of(op: str, attribute: str | None) -> frozenset[str]:
    """The bare words an op's attribute takes; of all its attributes where the position says which it is."""
    declared = NAMES[op].layer.signature if op in NAMES else BLOCKS[op].signature if op in BLOCKS else ()
    return frozenset(word for a in declared if attribute in (None, a.name) for word in a.kind.words)
