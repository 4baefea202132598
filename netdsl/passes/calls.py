"""Ops by name: blocks called, joins with their branches, layers; each in a scope of its own where it needs one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netdsl.blocks import BLOCKS, UNKNOWN
from netdsl.diagnostics import Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Tag
from netdsl.layers import NAMES
from netdsl.passes.environment import Environment, EvaluationError, NamedOp, UnknownError
from netdsl.passes.evaluate import evaluate, show_value
from netdsl.passes.layers import Layers
from netdsl.passes.layout_problems import empty_branch, needs_branches, no_branches, no_op, takes_nothing, unknown_tag
from netdsl.passes.plan import bind_parameters, missing_argument
from netdsl.passes.reports import trimmed
from netdsl.passes.resolve import Program
from netdsl.passes.scope import Naming, Scope
from netdsl.passes.shares import Shared, other_weights
from netdsl.passes.site import BlockSite
from netdsl.syntax import ast

MAX_CALLS = 200


class Calls(Layers):
    """What a name in a body stands for, at the cursor `here`."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.tags: dict[str, Tag] = {}
        self.shares: dict[str, Shared] = {}
        self.sizes_read: list[Span] = []
        self.calls = 0

    def scope(
        self, variables: dict[str, Any], naming: Naming, defaults: Mapping[type, Mapping[str, Any]], version: int
    ) -> Scope:
        tags: dict[str, Tag] = {}
        env = Environment(
            {**self.conditions, **variables},
            self.program.is_op,
            self.here_shape,
            lambda name, span: self.placer.nodes[self.tag(name, tags, span)].output,
            sizes_read=self.sizes_read,
        )
        return Scope(env, naming, tags, defaults, version)

    def here_shape(self) -> FeatureMap | None:
        if not self.placer.nodes:
            return None
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

    def op(self, op: ast.Op, scope: Scope, word: str | None) -> None:
        target = scope.env.variables.get(op.name)
        name = target.name if isinstance(target, NamedOp) else op.name
        if name == "id":
            if op.arguments or op.branches is not None:
                raise EvaluationError(takes_nothing(op))
            return
        if name in self.shares:
            self._use(op, self.shares[name], scope, word)
        elif name in self.program.blocks:
            self._call(op, self.program.blocks[name], scope, word)
        elif name == "body" and self.site is not None:
            self.here = self.site.body()
        elif name in BLOCKS:
            site = BlockSite(self, op, scope, scope.naming.inside(self._take(op, scope, word, name)))
            self.block(site, op, name, scope)
        elif name in NAMES and NAMES[name].layer.is_join:
            self._join(op, name, scope, word)
        elif name in NAMES:
            self._layer(op, name, scope, word)
        elif target is not None:
            raise EvaluationError(no_op(op, show_value(target)))
        else:
            raise UnknownError

    def named(self) -> set[int]:
        """Nodes that something knows by name: they stay."""
        return {tag.node for tag in self.tags.values()}

    def _layer(self, op: ast.Op, name: str, scope: Scope, word: str | None) -> None:
        if op.branches is not None:
            raise EvaluationError(no_branches(op, name))
        more = self.matched_arguments(self.placer.plan_of_call(op, name)) if self.matched else None
        self.lay(self.placer.call(op, name, scope, self.here, more), op.span, scope, word)

    def _take(self, op: ast.Op, scope: Scope, word: str | None, name: str) -> str:
        return word if word is not None else scope.naming.number(name)

    def _use(self, op: ast.Op, shared: Shared, scope: Scope, word: str | None) -> None:
        """Lay out what is shared, with the weights of its first use."""
        if op.branches is not None or op.arguments:
            raise EvaluationError(takes_nothing(op))
        naming = scope.naming.inside(self._take(op, scope, word, op.name))
        inner = self.scope(dict(shared.scope.env.variables), naming, shared.scope.defaults, shared.scope.version)
        first = len(self.placer.nodes)
        self._deeper(op, "what is shared as ")
        if shared.open:
            note = "a rule may have put the share into itself"
            said = f"what is shared as `{op.name}` uses itself"
            self.placer.limit("NET321", op.span, said, "other ops in it", note=note)
        shared.open = True
        self.body(shared.body, inner)
        shared.open = False
        self._back()
        if self.here != UNKNOWN and not shared.reuse(self.placer.nodes, first):
            raise EvaluationError(other_weights(op, self.placer.nodes, shared.nodes, first))

    def _deeper(self, op: ast.Op, what: str) -> None:
        self.calls += 1
        self.placer.callers.append(trimmed(op.span))
        if self.calls > MAX_CALLS:
            expected = f"at most {MAX_CALLS} calls within calls"
            note = "a block that calls itself must end: `if n > 0 { ... }` around the call"
            self.placer.limit("NET321", op.span, f"{what}`{op.name}` calls itself without end", expected, note=note)

    def _back(self) -> None:
        self.placer.callers.pop()
        self.calls -= 1

    def _call(self, op: ast.Op, block: ast.Block, scope: Scope, word: str | None) -> None:
        if op.branches is not None:
            raise EvaluationError(no_branches(op, block.name))
        bound = bind_parameters(block.name, block.parameters, op.arguments)
        values = {name: evaluate(expression, scope.env) for name, expression in bound.items()}
        naming = scope.naming.inside(self._take(op, scope, word, block.name))
        inner = self.scope({}, naming, scope.defaults, scope.version)
        self.bind_defaults(block.name, block.parameters, values, inner, op.span)
        self._deeper(op, "")
        self.body(block.body, inner)
        self._back()

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
            joined = self.placer.flat_means(joined, first, self.named())
            spans = spans if len(joined) == len(spans) else [op.span for _ in joined]
        self.here = self.placer.join(op, name, naming, joined, spans)
