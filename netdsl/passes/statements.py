"""Statements, each with what it lays out: a cursor goes through the syntax tree and a list of nodes grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netdsl.blocks import BLOCKS, UNKNOWN
from netdsl.diagnostics import Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Tag
from netdsl.layers import NAMES, Input
from netdsl.passes.evaluate import (
    Environment,
    EvaluationError,
    NamedOp,
    UnknownError,
    evaluate,
    tag_text,
    truth,
    whole,
)
from netdsl.passes.layers import Layers
from netdsl.passes.layout_problems import (
    channels_last,
    empty_branch,
    misplaced_input,
    needs_branches,
    no_branches,
    tag_taken,
    too_many_axes,
    unknown_tag,
)
from netdsl.passes.loops import rows
from netdsl.passes.plan import bind_parameters, missing_argument
from netdsl.passes.resolve import Program
from netdsl.passes.scope import Naming, Scope
from netdsl.passes.site import BlockSite
from netdsl.syntax import ast

MAX_CALLS = 200
MAX_STEPS = 500_000


class Statements(Layers):
    """One run over the syntax tree. The cursor `here` is the tensor that the next item continues from."""

    def __init__(self, program: Program, sizes: Mapping[str, int], given: FeatureMap | None) -> None:
        super().__init__()
        self.program = program
        self.sizes = sizes
        self.given = given
        self.claims: list[tuple[ast.Claims, Mapping[str, Any]]] = []
        self.tags: dict[str, Tag] = {}
        self.tag_places: dict[str, Span] = {}
        self.has_input = False
        self.calls = 0
        self.steps = 0
        self.versions = 0

    def scope(
        self, variables: dict[str, Any], naming: Naming, defaults: Mapping[type, Mapping[str, Any]], version: int
    ) -> Scope:
        tags: dict[str, Tag] = {}
        env = Environment(
            variables,
            self.program.is_op,
            self.here_shape,
            lambda name, span: self.placer.nodes[self.tag(name, tags, span)].output,
        )
        return Scope(env, naming, tags, defaults, version)

    def here_shape(self) -> FeatureMap:
        if self.here == UNKNOWN:
            raise UnknownError
        return self.placer.nodes[self.here].output

    def tag(self, name: str, tags: Mapping[str, Tag], span: Span) -> int:
        """The tensor of a tag. Errors: EvaluationError with NET209 when it is not there."""
        if name in tags:
            if tags[name].node == UNKNOWN:
                raise UnknownError
            return tags[name].node
        raise EvaluationError(unknown_tag(name, tags, span))

    # Statements

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

    def _op(self, op: ast.Op, scope: Scope, word: str | None) -> None:
        target = scope.env.variables.get(op.name)
        name = target.name if isinstance(target, NamedOp) else op.name
        if name == "id" and not op.arguments:
            return
        if name in self.program.blocks:
            self._call(op, self.program.blocks[name], scope, word)
        elif name == "body" and self.site is not None:
            self.here = self.site.body()
        elif name in BLOCKS:
            site = BlockSite(self, op, scope, scope.naming.inside(self._take(op, scope, word, name)))
            self.block(site, op, name, scope)
        elif name in NAMES and NAMES[name].layer.is_join:
            self._join(op, name, scope, word)
        elif name in NAMES:
            if op.branches is not None:
                raise EvaluationError(no_branches(op, name))
            more = self.matched_arguments(self.placer.plan_of_call(op, name)) if self.matched else None
            self.lay(self.placer.call(op, name, scope, self.here, more), op.span, scope, word)
        else:
            raise UnknownError

    def _take(self, op: ast.Op, scope: Scope, word: str | None, name: str) -> str:
        return word if word is not None else scope.naming.number(name)

    def _call(self, op: ast.Op, block: ast.Block, scope: Scope, word: str | None) -> None:
        if op.branches is not None:
            raise EvaluationError(no_branches(op, block.name))
        bound = bind_parameters(block.name, block.parameters, op.arguments)
        values = {name: evaluate(expression, scope.env) for name, expression in bound.items()}
        naming = scope.naming.inside(self._take(op, scope, word, block.name))
        inner = self.scope({}, naming, scope.defaults, scope.version)
        self.bind_defaults(block.name, block.parameters, values, inner, op.span)
        self.calls += 1
        if self.calls > MAX_CALLS:
            expected = f"at most {MAX_CALLS} calls within calls"
            note = "a block that calls itself must end: `if n > 0 { ... }` around the call"
            self.placer.limit("NET321", op.span, f"`{block.name}` calls itself without end", expected, note)
        self.body(block.body, inner)
        self.calls -= 1

    def bind_defaults(
        self, name: str, parameters: tuple[ast.Parameter, ...], values: dict[str, Any], scope: Scope, span: Span
    ) -> None:
        """Fill a scope with the parameters' values; a default may use the parameters before it."""
        for parameter in parameters:
            if parameter.name in values:
                scope.env.variables[parameter.name] = values[parameter.name]
            elif parameter.default is None:
                raise EvaluationError(missing_argument(name, parameter, span))
            else:
                scope.env.variables[parameter.name] = evaluate(parameter.default, scope.env)

    def _join(self, op: ast.Op, name: str, scope: Scope, word: str | None) -> None:
        if op.branches is None or len(op.branches) < 2:
            raise EvaluationError(needs_branches(op, name))
        naming = scope.naming.inside(word) if word is not None else scope.naming
        start, first, ends, spans = self.here, len(self.placer.nodes), [], []
        for number, branch in enumerate(op.branches):
            if not branch.statements:
                raise EvaluationError(empty_branch(op, branch))
            self.here = start
            if NAMES[name].layer.slices:
                self.here = self.placer.slice(op, naming, start, number, len(op.branches))
            self.body(branch, scope.braces(naming.inside(naming.number("branch"))))
            ends.append(self.here)
            spans.append(branch.span)
        joined = tuple(ends)
        if name == "mean" and UNKNOWN not in joined:
            joined = self.placer.flat_means(joined, first, {tag.node for tag in self.tags.values()})
            spans = spans if len(joined) == len(spans) else [op.span for _ in joined]
        self.here = self.placer.join(op, name, naming, joined, spans)

    def _group(self, group: ast.Group, scope: Scope, word: str | None) -> None:
        self.body(group.body, scope if word is None else self._tagged_scope(scope, word))

    def _tagged_scope(self, scope: Scope, word: str) -> Scope:
        return Scope(scope.env, scope.naming.inside(word), scope.tags, scope.defaults, scope.version)

    def _repeat(self, repeat: ast.Repeat, scope: Scope, word: str | None) -> None:
        count = whole(repeat.count, scope.env, "a repetition", minimum=0)
        scope = scope if word is None else self._tagged_scope(scope, word)
        for done in range(count):
            before = len(self.placer.nodes)
            self.statement(repeat.item, scope)
            if self.here == UNKNOWN:
                return
            if done == 0:
                self.placer.check_room(repeat.span, (len(self.placer.nodes) - before) * (count - 1))

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
        if (problem := channels_last(statement, shape)) is not None:
            raise EvaluationError(problem)
        self.start(self.given or FeatureMap(shape[0], tuple(shape[1:])), statement.span)

    def start(self, feature_map: FeatureMap, span: Span) -> None:
        self.has_input = True
        self.here = self.placer.append("input", Input(feature_map), (), feature_map, feature_map, span)

    def _let(self, let: ast.Let, scope: Scope, word: str | None) -> None:
        value = None  # where it does not work out; what uses the name then stays silent
        try:
            value = evaluate(let.value, scope.env)
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
        except UnknownError:
            pass  # it hangs on something that was reported
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

    def _broken(self, broken: ast.Broken, scope: Scope, word: str | None) -> None:
        raise UnknownError  # reported when the text was read

    def _claims(self, claims: ast.Claims, scope: Scope, word: str | None) -> None:
        self.claims.append((claims, dict(scope.env.variables)))


_RULES: Mapping[type, Any] = {
    ast.Code: Statements._code,
    ast.Op: Statements._op,
    ast.Group: Statements._group,
    ast.Repeat: Statements._repeat,
    ast.Tagged: Statements._tagged,
    ast.Input: Statements._input,
    ast.Let: Statements._let,
    ast.If: Statements._if,
    ast.For: Statements._for,
    ast.Default: Statements._default,
    ast.From: Statements._from,
    ast.Claims: Statements._claims,
    ast.Broken: Statements._broken,
}
