"""Laying out: parameters, blocks, loops and conditions are worked out, and a flat list of nodes with shapes is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from netdsl.blocks import UNKNOWN
from netdsl.diagnostics import Diagnostic, Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Node, Tag
from netdsl.layers import Condition
from netdsl.passes.environment import EvaluationError, UnknownError
from netdsl.passes.heads import unknown_head
from netdsl.passes.layout_problems import before_input, left_behind, no_input, nothing_follows
from netdsl.passes.reports import LimitReachedError, trimmed
from netdsl.passes.resolve import Program
from netdsl.passes.rewrite import Written, bind_rules, unmatched
from netdsl.passes.scope import Naming, Scope
from netdsl.passes.shares import unused
from netdsl.passes.statements import Statements
from netdsl.syntax import ast


def lay_out(
    program: Program,
    net: ast.Net,
    settings: Mapping[str, Any],
    sizes: Mapping[str, int],
    given: FeatureMap | None = None,
    rules: Sequence[Written] = (),
    reference: Span | None = None,
) -> tuple[Network | None, list[tuple[ast.Claims, Mapping[str, Any]]], list[Diagnostic]]:
    """The nodes of a net at some settings.

    Needs:   names that were resolved; `settings` that are parameters of the net; `sizes` for open letters, or a
             `given` input in place of the net's own; `reference` where an alias gave the settings, for messages
    Makes:   a Network whose every node has its shape (None after an error), the claims that stood in it
    Reports: NET103 to NET104, NET203 to NET216 names and arguments; NET3xx shapes; NET320 to NET322 limits
    """
    layout = _LayOut(program, sizes, given)
    if reference is not None:
        layout.placer.callers.append(trimmed(reference))
    network = layout.net(net, settings, rules)
    return network, layout.claims, layout.placer.diagnostics


class _LayOut(Statements):
    """A whole net: its parameters, its statements, its loose ends."""

    def net(self, net: ast.Net, settings: Mapping[str, Any], rules: Sequence[Written]) -> Network | None:
        scope = self.scope({}, Naming(), {}, 0)
        scope.is_net = True
        head = _head(net)
        try:
            self.bind_defaults(net.name, net.parameters, dict(settings), scope, head)
            self._bind_rules(rules, scope.env.variables)
            if self.given is not None and not has_input(net.body):
                self.start(self.given, head)
            elif (early := before_input(net)) is not None:
                raise EvaluationError(early)
            self._statements(net.body, scope, rules)
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
            return None
        except (LimitReachedError, UnknownError):  # reported where it was found
            return None
        if rules:
            self._leave_out_conditions()
        self._check_ends(net, head)
        for shared in self.shares.values():
            if shared.nodes is None and self.here != UNKNOWN:
                self.placer.report(unused(shared.definition))
        self._check_rules(rules)
        if any(d.severity == "error" for d in self.placer.diagnostics) or self.here == UNKNOWN:
            return None
        final_heads = self._end_in_heads()
        nodes = tuple(self.placer.nodes)
        if self.placer.merged:
            nodes = self._without_merged()
        used = {p.name: scope.env.variables[p.name] for p in net.parameters}
        conditions = {node.name: index for index, node in enumerate(nodes) if isinstance(node.layer, Condition)}
        return Network(
            net.name,
            nodes,
            self.here,
            used,
            head,
            dict(self.tags),
            dict(self.heads),
            conditions,
            final_heads,
            reads_size=self.sizes_read[0] if self.sizes_read else None,
        )

    def _statements(self, body: ast.Body, scope: Scope, rules: Sequence[Written]) -> None:
        """The net's body; the conditions that its rules give it stand right behind its input."""
        given = [(rule.left, variables) for rule, variables in rules if isinstance(rule.left, ast.Condition)]
        for statement in (None, *body.statements):
            if statement is not None:
                self.statement(statement, scope)
            if self.has_input:
                for condition, variables in given:
                    inner = scope.braces()
                    inner.env.variables.update(variables)
                    self.condition(condition, inner)
                    scope.env.variables[condition.name] = self.conditions[condition.name]
                given = []

    def _end_in_heads(self) -> tuple[str, ...]:
        """The heads with nothing behind them, which then are the net's outputs."""
        if not self.final_heads or self.behind_heads != (len(self.placer.nodes), self.here):
            return ()
        self.here = self.heads[self.final_heads[0]].node
        return tuple(self.final_heads)

    def _leave_out_conditions(self) -> None:
        """Of a variant, those that nothing uses any more."""
        used = {source for node in self.placer.nodes for source in node.inputs}
        self.placer.merged |= {place.node for place in self.conditions.values()} - used

    def _bind_rules(self, rules: Sequence[Written], parameters: Mapping[str, Any]) -> None:
        self.dropped_heads = {rule.left.name for rule, _ in rules if isinstance(rule.left, ast.HeadName)}
        self.rules, problems = bind_rules(rules, parameters)
        for problem in problems:
            self.placer.report(problem)

    def _check_rules(self, rules: Sequence[Written]) -> None:
        """A rule that rewrites nothing, and one that drops a head that is not there."""
        for warning in unmatched(self.rules):
            self.placer.report(warning)
        for rule, _ in rules:
            if isinstance(rule.left, ast.HeadName):
                name = rule.left.name
                if not self.found_heads or (name is not None and name not in self.found_heads):
                    self.placer.report(unknown_head(rule, [*self.heads]))

    def _without_merged(self) -> tuple[Node, ...]:
        """The nodes without those that became part of others; tags and the end follow them to their new places."""
        kept = [i for i in range(len(self.placer.nodes)) if i not in self.placer.merged]
        place = {old: new for new, old in enumerate(kept)}
        self.here = place[self.here]
        for name, tag in self.tags.items():
            inside = [place[i] for i in range(tag.first, tag.last + 1) if i in place]
            first, last = (inside[0], inside[-1]) if inside else (place[tag.node], place[tag.node] - 1)
            self.tags[name] = Tag(place[tag.node], first, last)
        for name, head in self.heads.items():
            inside = [place[i] for i in range(head.first, head.last + 1) if i in place]
            self.heads[name] = replace(head, node=place[head.node], first=inside[0], last=inside[-1])
        nodes = (self.placer.nodes[i] for i in kept)
        return tuple(
            replace(
                node,
                inputs=tuple(place[i] for i in node.inputs),
                tied_to=None if node.tied_to is None else place[node.tied_to],
                repeats=None if node.repeats is None else place[node.repeats],
            )
            for node in nodes
        )

    def _check_ends(self, net: ast.Net, head: Span) -> None:
        if not self.has_input:
            if not any(d.severity == "error" for d in self.placer.diagnostics):
                self.placer.report(no_input(net, head))
        elif len(self.placer.nodes) == 1 and self.here == 0:
            if not self._is_broken(net):
                self.placer.report(nothing_follows(self.placer.nodes[0]))
        elif self.here != UNKNOWN and self.heads_are_whole:
            self._check_left_behind()

    def _is_broken(self, net: ast.Net) -> bool:
        """Was a part of the net's text left out, because it could not be read?"""
        spans = [d.span for d in self.program.diagnostics if d.severity == "error" and d.span is not None]
        whole = net.span
        return any(s.source is whole.source and whole.start <= s.start < max(whole.end, 1) for s in spans)

    def _check_left_behind(self) -> None:
        """What `from` leaves behind must be used."""
        nodes = self.placer.nodes
        used = {
            self.here,
            *(head.node for head in self.heads.values()),
            *(source for node in nodes for source in node.inputs),
        }
        for index in range(1, len(nodes)):
            if index not in used and index not in self.placer.merged:
                self.placer.report(left_behind(nodes[index]))


def _head(net: ast.Net) -> Span:
    return Span(net.span.source, net.span.start, max(net.body.span.start - 1, net.span.start))


def has_input(body: ast.Body) -> bool:
    """Does the net say its input itself?"""
    return any(isinstance(s, ast.Input) for s in body.statements)
