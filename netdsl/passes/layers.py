"""Layers put behind the cursor, or what the rules of a variant make of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from netdsl.blocks import BLOCKS, UNKNOWN
from netdsl.diagnostics import Span
from netdsl.layers import Layer
from netdsl.layers.attributes import Place
from netdsl.passes.place import Laid, Placer
from netdsl.passes.plan import Plan
from netdsl.passes.reports import Rewritten
from netdsl.passes.rewrite import Rule
from netdsl.passes.scope import Naming, Scope
from netdsl.passes.site import BlockSite
from netdsl.syntax import ast


class Layers(ABC):
    """A cursor, the nodes so far, and the rules that each op meets before it becomes a node.

    An op goes through the rules in order. What a rule makes goes through those after it only, so that no rule meets
    its own output; `first_rule` says where that begins, `matched` what the rule has matched.
    """

    def __init__(self) -> None:
        self.placer = Placer()
        self.here = UNKNOWN
        self.rules: list[Rule] = []
        self.first_rule = 0
        self.matched: Laid | None = None
        self.site: BlockSite | None = None
        self.conditions: dict[str, Place] = {}

    @abstractmethod
    def body(self, body: ast.Body, scope: Scope) -> None:
        """Lay out statements at the cursor."""

    def matched_arguments(self, plan: Plan) -> Mapping[str, Any] | None:
        """On a rule's right side, a bare letter is the matched op with all its attributes."""
        assert self.matched is not None
        bare = plan.bare and isinstance(self.matched.layer, plan.layer)
        return self.matched.given if bare else None

    def lay(self, laid: Laid | None, span: Span, scope: Scope, word: str | None) -> None:
        """Put a layer behind the cursor, or what a rule makes of it."""
        if laid is None:
            self.here = UNKNOWN
            return
        if laid.layer.vanishes:
            return
        for number in range(self.first_rule, len(self.rules)):
            holes = self.rules[number].holes(laid.layer, laid.x)
            if holes is not None:
                self._rewrite(number, holes, laid, span, scope, word)
                return
        name = scope.naming.prefix + (word if word is not None else scope.naming.number(laid.layer.name))
        self.here = self.placer.put(laid, self.here, name, span)

    def lay_given(
        self, layer: type[Layer], given: Mapping[str, Any], at: int, naming: Naming, span: Span, scope: Scope
    ) -> int:
        """Lay out a layer that a block asks for behind a tensor, and give the tensor it makes."""
        self.here = at
        self.lay(self.placer.given(layer, given, at, span), span, scope.braces(naming), None)
        return self.here

    def _rewrite(
        self, number: int, holes: Mapping[str, Any], laid: Laid | None, span: Span, scope: Scope, word: str | None
    ) -> None:
        """Lay out a rule's right side; what it makes is for the rules after it."""
        rule = self.rules[number]
        rule.hits += 1
        before = self.first_rule, self.matched, self.placer.rewritten
        self.first_rule, self.matched = number + 1, laid
        self.placer.rewritten = Rewritten(span if before[2] is None else before[2].place, rule.span)
        if rule.right is not None:
            inner = scope.braces(None if word is None else scope.naming.inside(word))
            known = {k: self.conditions.get(v, v) if isinstance(v, str) else v for k, v in holes.items()}
            inner.env.variables = {**self.conditions, **rule.variables, **known}
            self.body(rule.right, inner)
        self.first_rule, self.matched, self.placer.rewritten = before

    def block(self, site: BlockSite, op: ast.Op, name: str, scope: Scope) -> None:
        """`residual` or `dense`, or what a rule makes of it, with `body` for what stands in its braces."""
        for number in range(self.first_rule, len(self.rules)):
            if self.rules[number].block == name:
                before, self.site = self.site, site
                self._rewrite(number, {}, None, op.name_span, scope, None)
                self.site = before
                return
        self.here = site.expand(BLOCKS[name])
