"""Definitions and statements: from the parser's trees to the AST."""

from __future__ import annotations

from typing import Any

from lark import Token

from netdsl.diagnostics import Edit, Span
from netdsl.syntax import ast
from netdsl.syntax.brackets import MAX_NESTING
from netdsl.syntax.build_papers import PaperBuilder
from netdsl.syntax.build_rules import KEYWORDS, RuleBuilder
from netdsl.syntax.numbers import number


class Builder(RuleBuilder, PaperBuilder):
    """Turns the tree of a whole file, or of a net typed inline, into the AST."""

    # Definitions

    def _file(self, span: Span, children: list[Any]) -> ast.File:
        return ast.File(span, self._all(children))

    def _import_file(self, span: Span, children: list[Any]) -> ast.Import:
        token = children[0]
        path = token[1:-1] if token.type == "STRING" else f"{token}.net"
        return ast.Import(span, str(path))

    def _signature(self, span: Span, children: list[Any]) -> tuple[str, tuple[ast.Parameter, ...]]:
        return self._new_name(children[0]), self._all(children[1:])

    def _signature_of(self, children: list[Any]) -> tuple[str, tuple[ast.Parameter, ...]]:
        made: tuple[str, tuple[ast.Parameter, ...]] = self.convert(children[0])
        return made

    def _parameter(self, span: Span, children: list[Any]) -> ast.Parameter:
        return ast.Parameter(span, self._new_name(children[0]), self._maybe(children[1]))

    def _block(self, span: Span, children: list[Any]) -> ast.Block:
        name, parameters = self._signature_of(children)
        return ast.Block(span, name, parameters, self.convert(children[1]))

    def _net(self, span: Span, children: list[Any]) -> ast.Net:
        name, parameters = self._signature_of(children)
        return ast.Net(span, name, parameters, self.convert(children[2]), self._maybe(children[1]) or ())

    def _net_alias(self, span: Span, children: list[Any]) -> ast.NetAlias:
        name, parameters = self._signature_of(children)
        base, rules = self.convert(children[1]), self._maybe(children[2]) or ()
        return ast.NetAlias(span, name, parameters, base, self._all(children[3:]), rules)

    def _reference(self, span: Span, children: list[Any]) -> ast.CallExpression:
        arguments = self._maybe(children[1]) if len(children) > 1 else ()
        return ast.CallExpression(span, str(children[0]).rstrip("("), arguments or ())

    def _recipe(self, span: Span, children: list[Any]) -> ast.Recipe:
        base = None if children[1] is None else str(children[1])
        lines = [(c.data == "net_setting", self.convert(c)) for c in children[2:]]
        settings = tuple(line for for_net, line in lines if not for_net)
        return ast.Recipe(span, str(children[0]), base, settings, tuple(line for for_net, line in lines if for_net))

    def _setting(self, span: Span, children: list[Any]) -> ast.Setting:
        return ast.Setting(span, str(children[0]), self.convert(children[1]))

    _net_setting = _setting

    # Statements

    def _inline(self, span: Span, children: list[Any]) -> ast.Body:
        return self._body(span, children)

    _branch = _inline

    def _input(self, span: Span, children: list[Any]) -> list[ast.Statement]:
        """`input 3xHxW @image` names what `id` behind it would be."""
        token, tag = children
        made: list[ast.Statement] = [ast.Input(span if tag is None else self._span(token), self._number_or_dims(token))]
        if tag is not None:
            place = self._span(tag)
            made.append(ast.Tagged(place, ast.Op(place, "id", place, (), None), self._tag_name(tag)))
        return made

    def _let(self, span: Span, children: list[Any]) -> ast.Let:
        return ast.Let(span, self._new_name(children[0]), self.convert(children[1]))

    def _if_(self, span: Span, children: list[Any]) -> ast.If:
        *cases, otherwise = children
        pairs = zip(cases[::2], cases[1::2], strict=True)
        return ast.If(span, tuple((self.convert(c), self.convert(b)) for c, b in pairs), self._maybe(otherwise))

    def _for_(self, span: Span, children: list[Any]) -> ast.For:
        *names, values, body = children
        return ast.For(span, tuple(map(self._new_name, names)), self.convert(values), self.convert(body))

    def _expressions(self, span: Span, children: list[Any]) -> tuple[ast.Expression, ...]:
        return self._all(children)

    def _default(self, span: Span, children: list[Any]) -> ast.Default | ast.Broken:
        word = self._span(children[0])
        first, *more = self._codes(word, children)
        if isinstance(first, ast.Broken):
            return first
        if more:
            rest = Span(word.source, first.span.end, word.end)
            self._report(
                "NET102",
                "`default` takes one code",
                rest,
                expected="one code",
                found=word.text,
                help=f"write `default {first.span.text}`",
                edits=(Edit(rest, ""),),
            )
            return ast.Broken(span)
        return ast.Default(span, first)

    def _from_(self, span: Span, children: list[Any]) -> ast.From:
        return ast.From(span, self._tag_name(children[0]))

    def _head(self, span: Span, children: list[Any]) -> ast.Head:
        token, *rest = children
        arguments = self._maybe(rest.pop(0)) or () if token.type == "CALL" else ()
        source, body = rest
        tag = None if source is None else self._tag_name(source)
        return ast.Head(span, self._new_name(token), self._name_span(token), arguments, tag, self.convert(body))

    def _share(self, span: Span, children: list[Any]) -> ast.Share:
        return ast.Share(span, self._new_name(children[0]), self._name_span(children[0]), self.convert(children[1]))

    def _claims(self, span: Span, children: list[Any]) -> ast.Claims:
        word, *rest = children
        arguments = None
        if word.type == "EXPECT_AT":
            arguments = self._maybe(rest.pop(0)) or ()
        elif rest and rest[0] is None:
            rest.pop(0)
        return ast.Claims(span, word.type == "PRINTED", arguments, self._all(rest))

    def _claim(self, span: Span, children: list[Any]) -> ast.Claim:
        metric, tag, relation, value = children
        text = self._span(value).text
        value = self._quantity(value) if isinstance(value, Token) else self.convert(value)
        name = None if tag is None else self._tag_name(tag)
        return ast.Claim(span, str(metric), name, relation == "~", value, text)

    def _quantity(self, token: Token) -> ast.String | ast.Broken:
        """A figure with a unit, as it stands: what its digits and unit say is read where the claim is checked."""
        span = self._span(token)
        digits = Span(span.source, span.start, span.start + len(str(token).rstrip("KMGi")))
        made = number(digits, self.reader.diagnostics.append)
        return ast.String(span, str(token)) if isinstance(made, ast.Number) else made

    def _suffixed(self, span: Span, children: list[Any]) -> ast.Statement | list[ast.Statement]:
        first, *suffixes = children
        made = self.convert(first)
        if len(suffixes) > MAX_NESTING:
            self._report(
                "NET107",
                "too many tags and repetitions on one item",
                self._span(suffixes[MAX_NESTING]),
                expected=f"at most {MAX_NESTING}",
                found=f"{len(suffixes):,}",
            )
            return ast.Broken(span)
        before: list[ast.Statement] = []
        if isinstance(made, list):  # a run of codes: what follows belongs to the last
            *before, made = made
        for suffix in suffixes:
            end = self._span(suffix)
            whole = made.span.to(end)
            if isinstance(suffix, Token):
                made = ast.Tagged(whole, made, self._tag_name(suffix))
                continue
            if before:
                self._run_repeated(self._span(first), end)
                return []
            made = ast.Repeat(whole, made, self.convert(suffix.children[1]))
        return [*before, made]

    def _run_repeated(self, run: Span, repeat: Span) -> None:
        instead = f"({run.text}){repeat.text}"
        self._report(
            "NET104",
            f"`{repeat.text}` behind a run of codes repeats only its last",
            run.to(repeat),
            found=run.to(repeat).text,
            help=f"write `{instead}`",
            edits=(Edit(run.to(repeat), instead),),
        )

    def _op(self, span: Span, children: list[Any]) -> ast.Op | ast.Broken:
        return self._made_op(span, children[0], (), self._maybe(children[1]))

    def _op_call(self, span: Span, children: list[Any]) -> ast.Op | ast.Broken:
        return self._made_op(span, children[0], self._maybe(children[1]) or (), self._maybe(children[2]))

    def _made_op(
        self, span: Span, token: Token, arguments: tuple[ast.Argument, ...], branches: tuple[ast.Body, ...] | None
    ) -> ast.Op | ast.Broken:
        name = self._name_span(token)
        if name.text in KEYWORDS and name.text != "id":
            self._report(
                "NET102",
                f"`{name.text}` cannot stand here",
                name,
                expected="an op, a code or a group",
                found=name.text,
                note="`else` follows the `}` of an `if`" if name.text == "else" else "",
            )
            return ast.Broken(span)
        return ast.Op(span, name.text, name, arguments, branches)

    def _group(self, span: Span, children: list[Any]) -> ast.Group:
        return ast.Group(span, self._body(span, children))

    def _branches(self, span: Span, children: list[Any]) -> tuple[ast.Body, ...]:
        return self._all(children)
