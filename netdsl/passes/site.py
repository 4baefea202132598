"""Where `residual` and `dense` are laid out: what the compiler offers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from netdsl.blocks import UNKNOWN, Form
from netdsl.diagnostics import Diagnostic, Label, Problem, Severity, Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Tag
from netdsl.layers import NAMES, Layer
from netdsl.layers.attributes import Place, argument_problems
from netdsl.passes.environment import EvaluationError, UnknownError
from netdsl.passes.place import Placer
from netdsl.passes.plan import argument, bind
from netdsl.passes.reports import trimmed
from netdsl.passes.scope import Naming, Scope
from netdsl.syntax import ast


class Host(Protocol):
    """The layout that a site belongs to."""

    here: int
    placer: Placer
    conditions: dict[str, Place]

    def body(self, body: ast.Body, scope: Scope) -> None: ...

    def tag(self, name: str, tags: Mapping[str, Tag], span: Span) -> int: ...

    def lay_given(
        self, layer: type[Layer], given: Mapping[str, Any], at: int, naming: Naming, span: Span, scope: Scope
    ) -> int: ...


class BlockSite:
    """Implements `blocks.base.Site` for one call in one scope."""

    def __init__(self, layout: Host, op: ast.Op, scope: Scope, naming: Naming) -> None:
        self.layout = layout
        self.op = op
        self.here = layout.here
        inner = scope.braces(naming)
        inner.tags = dict(scope.tags)
        inner.env.tag = lambda name, span: layout.placer.nodes[layout.tag(name, inner.tags, span)].output
        self.scope = inner
        self.outer = scope
        self.paths: dict[str, Naming] = {"": naming}
        self.spans: dict[str, Span] = {}
        self.end = UNKNOWN
        self.first = 0

    def expand(self, form: Form) -> int:
        op = self.op
        if op.branches is None or len(op.branches) != 1:
            count = len(op.branches or ())
            raise EvaluationError(
                Diagnostic(
                    "NET205",
                    f"`{form.name}` needs one body",
                    op.name_span,
                    expected=f"{form.name} {{ ... }}",
                    found=f"{count} branches" if count else "no braces",
                )
            )
        bound = bind(form.name, form.signature, op.arguments)
        given = {attribute.name: argument(attribute, e, self.outer.env) for attribute, e in bound}
        self.spans = spans = {attribute.name: e.span for attribute, e in bound}
        problems = list(argument_problems(form.name, form.signature, given))
        for problem in problems:
            self.layout.placer.problem(problem, spans.get(problem.argument, op.name_span))
        return UNKNOWN if problems else form.expand(self, given)

    def body(self) -> int:
        assert self.op.branches is not None
        self.layout.here = self.here
        self.first = len(self.layout.placer.nodes)
        self.layout.body(self.op.branches[0], self.scope)
        self.end = self.layout.here
        return self.end

    def place(self, name: str, given: Mapping[str, Any], at: int, path: str = "") -> int:
        naming = self.paths.get(path)
        if naming is None:
            self.paths[path] = naming = self.paths[""].inside(path)
        layer = NAMES[name].layer
        default = self.scope.defaults.get(layer, {})
        if "bias" in default:  # `default Cb` keeps every bias, a projection's too
            given = {"bias": default["bias"], **given}
        return self.layout.lay_given(layer, {**NAMES[name].given, **given}, at, naming, self.op.name_span, self.scope)

    def join(self, name: str, tensors: tuple[int, ...]) -> int:
        return self.layout.placer.join(self.op, name, self.paths[""], tensors, [self.op.span for _ in tensors])

    def shape(self, tensor: int) -> FeatureMap:
        return self.layout.placer.nodes[tensor].output

    def tagged(self, name: str) -> int:
        try:
            return self.layout.tag(name, self.scope.tags, self.spans.get("project", self.op.name_span))
        except EvaluationError as error:
            self.layout.placer.report(error.diagnostic)
            return UNKNOWN
        except UnknownError:
            return UNKNOWN  # reported where the tag's tensor went wrong

    def final_norm(self, tensor: int) -> tuple[str, Mapping[str, Any]] | None:
        layer = self.layout.placer.nodes[tensor].layer
        if not layer.is_norm:
            return None
        conditions = self.layout.conditions
        return layer.name, {k: conditions.get(v, v) if k == "condition" else v for k, v in layer.given.items()}

    def norm_is_inside(self, tensor: int) -> bool:
        nodes = self.layout.placer.nodes
        last = nodes[tensor].layer
        return not last.weighted and any(node.layer.is_norm for node in nodes[self.first :])

    def report(self, problem: Problem, severity: Severity = "error") -> None:
        labels: tuple[Label, ...] = ()
        if self.op.branches and self.end != UNKNOWN:
            labels = (Label(trimmed(self.op.branches[0].span), str(self.shape(self.end))),)
        self.layout.placer.problem(problem, self.op.name_span, severity, related=labels)
