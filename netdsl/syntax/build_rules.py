"""What bodies and rules are made of: names, codes, statements in a row; and the rules of variants."""

from __future__ import annotations

from typing import Any

from lark import Token

from netdsl.diagnostics import Diagnostic, Span
from netdsl.syntax import ast
from netdsl.syntax.build_expressions import ExpressionBuilder
from netdsl.syntax.codes import CodeScanner

# Words with a meaning of their own. A name in their place would be read as the word elsewhere.
KEYWORDS = frozenset(
    [
        *("net", "block", "recipe", "import", "extends", "set", "input", "let", "if", "else", "for", "in", "default"),
        *(
            "from",
            "head",
            "share",
            "condition",
            "expect",
            "printed",
            "and",
            "or",
            "not",
            "with",
            "true",
            "false",
            "here",
            "id",
        ),
    ]
)


class RuleBuilder(ExpressionBuilder):
    """The rules of a variant, from the parser's trees to the AST."""

    def _variant(self, span: Span, children: list[Any]) -> tuple[ast.Rule, ...]:
        rules: tuple[ast.Rule, ...] = self.convert(children[0])
        return rules

    def _rules(self, span: Span, children: list[Any]) -> tuple[ast.Rule, ...]:
        made = [ast.Rule(r.span, r, None) if isinstance(r, ast.Condition) else r for r in self._all(children)]
        return tuple(rule for rule in made if isinstance(rule, ast.Rule))

    def _rule(self, span: Span, children: list[Any]) -> ast.Rule | None:
        token, *rest = children
        arguments = self._maybe(rest.pop(0)) or () if token.type == "CALL" else ()
        left = self._rule_side(token, arguments)
        rest.pop(0)  # the arrow
        right = self._body(span if not rest else self._span(rest[0]).to(self._span(rest[-1])), rest)
        return None if left is None else ast.Rule(span, left, right)

    def _dropped(self, span: Span, children: list[Any]) -> ast.Rule | None:
        left = self._rule_side(children[0], ())
        return None if left is None else ast.Rule(span, left, None)

    def _dropped_head(self, span: Span, children: list[Any]) -> ast.Rule:
        name = None if children[0] is None else str(children[0])
        return ast.Rule(span, ast.HeadName(span, name), None)

    def _rule_side(self, token: Token, arguments: tuple[ast.Argument, ...]) -> ast.Code | ast.Op | None:
        """The left side of a rule: one code, or one op by its name."""
        span = self._span(token)
        if token.type != "CODES":
            name = self._name_span(token)
            return ast.Op(span, name.text, name, arguments, None)
        codes = self._codes(span, [token])
        if len(codes) == 1 and isinstance(codes[0], ast.Code):
            return codes[0]
        if len(codes) > 1:
            self._report("NET102", "a rule rewrites one op", codes[1].span, expected="one code", found=span.text)
        return None

    def _condition(self, span: Span, children: list[Any]) -> ast.Condition:
        token, arguments = children
        given: tuple[ast.Argument, ...] = self._maybe(arguments) or ()
        name = self._name_span(token)
        if len(given) != 1 or given[0].name is not None:
            self._report(
                "NET102",
                f"the condition `{name.text}` needs the number of its values",
                span,
                expected=f"condition {name.text}(6)",
                found=span.text,
            )
            return ast.Condition(span, name.text, name, ast.Broken(span))
        return ast.Condition(span, self._new_name(token), name, given[0].value)

    # What the rest is made of

    def _body(self, span: Span, children: list[Any]) -> ast.Body:
        statements: list[ast.Statement] = []
        for child in children:
            made = self.convert(child)
            if isinstance(made, list):
                statements.extend(made)
            else:
                statements.append(made)
        return ast.Body(span, tuple(statements))

    def _new_name(self, token: Token) -> str:
        """A name that the text gives to something."""
        name = str(token).rstrip("(")
        if name in KEYWORDS:
            self._report(
                "NET102",
                f"`{name}` is a word of the language and no name",
                self._name_span(token),
                expected="a name of its own",
                found=name,
            )
        return name

    def _name_span(self, token: Token) -> Span:
        span = self._span(token)
        return Span(span.source, span.start, span.start + len(str(token).rstrip("(")))

    def _codes(self, span: Span, children: list[Any]) -> list[Any]:
        scanner = CodeScanner(self.reader.alphabet, self._expression_at, self.reader.diagnostics.append)
        return list(scanner.scan(self._span(children[0])))

    def _report(self, code: str, message: str, span: Span, **details: Any) -> None:
        self.reader.diagnostics.append(Diagnostic(code, message, span, **details))
