"""Statements, each with what it lays out: a cursor goes through the syntax tree and a list of nodes grows."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from netdsl.blocks import UNKNOWN
from netdsl.diagnostics import Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Head, Tag
from netdsl.layers import Condition, Input
from netdsl.layers.attributes import Place
from netdsl.passes.calls import Calls
from netdsl.passes.environment import EvaluationError, UnknownError
from netdsl.passes.evaluate import evaluate, tag_text, truth, whole
from netdsl.passes.heads import head_of
from netdsl.passes.layout_problems import (
    channels_last,
    head_taken,
    misplaced_input,
    open_channels,
    tag_taken,
    too_many_axes,
)
from netdsl.passes.loops import rows
from netdsl.passes.resolve import Program
from netdsl.passes.scope import Scope
from netdsl.passes.shares import Shared, misplaced, taken
from netdsl.syntax import ast

MAX_STEPS = 500_000
TAKEN = frozenset(["x", "self", "torch", "device", "inf", "nan", "NoneType", "fx_pytree", "pytree", *dir(builtins)])
"""What a module's `forward` has names for, so that no further argument of it can have them."""


class Statements(Calls):
    """One run over the syntax tree. The cursor `here` is the tensor that the next item continues from."""

    def __init__(self, program: Program, sizes: Mapping[str, int], given: FeatureMap | None) -> None:
        super().__init__(program)
        self.sizes = sizes
        self.given = given
        self.claims: list[tuple[ast.Claims, Mapping[str, Any]]] = []
        self.tag_places: dict[str, Span] = {}
        self.heads: dict[str, Head] = {}
        self.dropped_heads: set[str | None] = set()
        self.found_heads: set[str] = set()
        self.final_heads: list[str] = []
        """The heads of the last row, and the end of that row: nothing may follow them if they are to be the outputs."""
        self.heads_are_whole = True
        """Did each head come to its end? Of one that did not, something was reported."""
        self.behind_heads: tuple[int, int] | None = None
        self.has_input = False
        self.steps = 0
        self.repeats: list[ast.Repeat] = []
        """The repetitions that are being laid out, the outermost first."""
        self.versions = 0

    def named(self) -> set[int]:
        return super().named() | {head.node for head in self.heads.values()}

    def body(self, body: ast.Body, scope: Scope) -> None:
        for statement in body.statements:
            self.statement(statement, scope)

    def statement(self, statement: ast.Statement, scope: Scope, word: str | None = None) -> None:
        """Lay out one statement at the cursor. `word` is the tag that names it, in place of its own word."""
        self._step(statement.span)
        try:
            _RULES[type(statement)](self, statement, scope, word)
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
            self.here = UNKNOWN
        except UnknownError:
            self.here = UNKNOWN

    def _step(self, span: Span) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            expected = f"at most {MAX_STEPS:,} statements and turns of loops"
            self.placer.limit("NET320", span, "this net takes too long to lay out", expected)

    def _code(self, code: ast.Code, scope: Scope, word: str | None) -> None:
        more = self.matched_arguments(self.placer.plan(code)) if self.matched else None
        self.lay(self.placer.code(code, scope, self.here, more), code.span, scope, word)

    def _group(self, group: ast.Group, scope: Scope, word: str | None) -> None:
        self.body(group.body, scope if word is None else self._tagged_scope(scope, word))

    def _tagged_scope(self, scope: Scope, word: str) -> Scope:
        return Scope(scope.env, scope.naming.inside(word), scope.tags, scope.defaults, scope.version)

    def _repeat(self, repeat: ast.Repeat, scope: Scope, word: str | None) -> None:
        count = whole(repeat.count, scope.env, "a repetition", minimum=0)
        scope = scope if word is None else self._tagged_scope(scope, word)
        self.repeats.append(repeat)
        for done in range(count):
            before = len(self.placer.nodes)
            self.statement(repeat.item, scope)
            if self.here == UNKNOWN:
                break
            if done == 0:
                self.placer.check_room(self.repeats, len(self.placer.nodes) - before, count)
        self.repeats.pop()

    def _tagged(self, tagged: ast.Tagged, scope: Scope, word: str | None) -> None:
        name = tag_text(tagged.tag, scope.env)
        full_name = scope.naming.prefix + name
        if name in scope.tags or not scope.naming.take(name):
            earlier = self.tag_places.get(full_name)
            raise EvaluationError(tag_taken(tagged, name, earlier, scope.naming.taken))
        self.tag_places[full_name] = tagged.tag.span
        first = len(self.placer.nodes)
        self.statement(tagged.item, scope, name)
        last = len(self.placer.nodes) - 1
        scope.tags[name] = tag = Tag(self.here, first if last >= first else self.here, max(last, first - 1))
        self.tags[full_name] = tag

    def _input(self, statement: ast.Input, scope: Scope, word: str | None) -> None:
        if not scope.is_net or self.has_input:
            raise EvaluationError(misplaced_input(statement, scope.is_net))
        self.has_input = True
        dims = statement.dims
        parts = dims.parts if isinstance(dims, ast.Dims) else (dims,)
        shape = [
            self.sizes.get(part.letter, 0) if isinstance(part, ast.OpenSize) else whole(part, scope.env, "a size", 1)
            for part in parts
        ]
        if len(shape) > 4:
            raise EvaluationError(too_many_axes(statement, len(shape)))
        if isinstance(parts[0], ast.OpenSize):
            raise EvaluationError(open_channels(statement, parts[0]))
        if (problem := channels_last(statement, shape)) is not None:
            raise EvaluationError(problem)
        self.start(self.given or FeatureMap(shape[0], tuple(shape[1:])), statement.span)

    def start(self, feature_map: FeatureMap, span: Span) -> None:
        self.has_input = True
        self.here = self.placer.append("input", Input(feature_map), (), feature_map, feature_map, span)

    def condition(self, statement: ast.Condition, scope: Scope) -> None:
        """A further input of the net. The cursor stays where it is."""
        name = statement.name
        known = name in scope.env.variables or self.program.is_op(name) or name in TAKEN
        if known or not scope.naming.take(name):
            raise EvaluationError(taken(statement))
        values = FeatureMap(whole(statement.values, scope.env, "a condition", 1))
        layer = Condition(values.channels)
        node = self.placer.append(name, layer, (), values, values, statement.span)
        self.conditions[name] = scope.env.variables[name] = Place(name, node, layer, values, values)

    def _condition(self, statement: ast.Condition, scope: Scope, word: str | None) -> None:
        if not scope.is_net:
            raise EvaluationError(misplaced(statement, "condition"))
        self.condition(statement, scope)

    def _share(self, share: ast.Share, scope: Scope, word: str | None) -> None:
        if not scope.is_net:
            raise EvaluationError(misplaced(share, "share"))
        if share.name in scope.env.variables or share.name in self.shares or self.program.is_op(share.name):
            raise EvaluationError(taken(share))
        self.shares[share.name] = Shared(share, scope.braces())

    def _let(self, let: ast.Let, scope: Scope, word: str | None) -> None:
        try:
            value = evaluate(let.value, scope.env)
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
            value = None  # what uses the name stays silent
        except UnknownError:
            value = None  # it hangs on something that was reported
        scope.env.variables[let.name] = value
        scope.env.origins[let.name] = let.span

    def _if(self, statement: ast.If, scope: Scope, word: str | None) -> None:
        for condition, body in statement.cases:
            if truth(condition, scope.env):
                self.body(body, scope.braces())
                return
        if statement.otherwise is not None:
            self.body(statement.otherwise, scope.braces())

    def _for(self, loop: ast.For, scope: Scope, word: str | None) -> None:
        for row in rows(loop, [evaluate(value, scope.env) for value in loop.values]):
            self._step(loop.span)
            inner = scope.braces()
            inner.env.variables.update(zip(loop.names, row, strict=True))
            self.body(loop.body, inner)

    def _default(self, default: ast.Default, scope: Scope, word: str | None) -> None:
        plan = self.placer.plan(default.code)
        given = plan.given(scope.env)
        self.versions += 1
        scope.version = self.versions
        scope.defaults = {**scope.defaults, plan.layer: {**scope.defaults.get(plan.layer, {}), **given}}

    def _from(self, statement: ast.From, scope: Scope, word: str | None) -> None:
        self.here = self.tag(tag_text(statement.tag, scope.env), scope.tags, statement.tag.span)

    def _head(self, head: ast.Head, scope: Scope, word: str | None) -> None:
        if head.name in self.dropped_heads or None in self.dropped_heads:
            self.found_heads.add(head.name)
            return
        full_name = scope.naming.prefix + head.name
        if not scope.naming.take(head.name):
            raise EvaluationError(head_taken(head))
        end = self.here
        if self.behind_heads != (len(self.placer.nodes), end):
            self.final_heads = []
        if head.source is not None:
            self.here = self.tag(tag_text(head.source, scope.env), scope.tags, head.source.span)
        first = len(self.placer.nodes)
        self.body(head.body, scope.braces(scope.naming.inside(head.name)))
        if self.here != UNKNOWN:
            self.heads[full_name] = head_of(head, scope.env, self.here, first, len(self.placer.nodes) - 1)
            self.final_heads.append(full_name)
        else:
            self.heads_are_whole = False
        self.here = end
        self.behind_heads = (len(self.placer.nodes), end)

    def _broken(self, broken: ast.Broken, scope: Scope, word: str | None) -> None:
        raise UnknownError  # reported when the text was read

    def _claims(self, claims: ast.Claims, scope: Scope, word: str | None) -> None:
        self.claims.append((claims, dict(scope.env.variables)))


_RULES: Mapping[type, Any] = {
    ast.Code: Statements._code,
    ast.Op: Statements.op,
    ast.Group: Statements._group,
    ast.Repeat: Statements._repeat,
    ast.Tagged: Statements._tagged,
    ast.Input: Statements._input,
    ast.Let: Statements._let,
    ast.If: Statements._if,
    ast.For: Statements._for,
    ast.Default: Statements._default,
    ast.From: Statements._from,
    ast.Head: Statements._head,
    ast.Condition: Statements._condition,
    ast.Share: Statements._share,
    ast.Claims: Statements._claims,
    ast.Broken: Statements._broken,
}
