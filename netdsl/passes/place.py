"""Placing one layer: arguments to a layer, problems to diagnostics, a node to the list, all within the limits."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netdsl.blocks import UNKNOWN
from netdsl.diagnostics import Diagnostic, Edit, Label, Problem, Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Node
from netdsl.layers import NAMES, Layer
from netdsl.layers.attributes import FILLED_IN, argument_problems
from netdsl.layers.joins import Mean, Slice
from netdsl.passes.branches import branch_help
from netdsl.passes.environment import EvaluationError
from netdsl.passes.places import further_inputs, with_places
from netdsl.passes.plan import Plan, plan_call, plan_code
from netdsl.passes.reports import EXAMPLES, Reports, trimmed
from netdsl.passes.scope import Naming, Scope
from netdsl.syntax import ast

MAX_NODES = 100_000
MAX_BITS = 62  # of the number of values in a feature map, with which nothing that is counted can grow out of hand
NODES = f"at most {MAX_NODES:,} nodes in a net"
TEXTBOOK_KERNEL = 3
TEXTBOOK_FILTERS = 64
TEXTBOOK_MOST_FILTERS = 512


@dataclass(frozen=True, slots=True)
class Laid:
    """A layer that fits where it is wanted: its arguments, what it sees and gives, what is doubtful about it."""

    layer: Layer
    given: Mapping[str, Any]
    x: FeatureMap
    output: FeatureMap
    warnings: tuple[Problem, ...]
    filled_in: bool
    also: tuple[int, ...] = ()
    """Nodes that it takes besides what comes in."""
    tied_to: int | None = None


class Placer(Reports):
    """The list of nodes as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.pools: list[int] = []
        """For each node the pools before it, along the path with most."""
        self._plans: dict[int, Plan | EvaluationError] = {}
        self._built: dict[Any, Laid | None] = {}
        self._checked: set[Any] = set()
        self.merged: set[int] = set()
        """Nodes that became part of another and are to be left out."""

    def check_room(self, around: Sequence[ast.Repeat], turn: int, count: int) -> None:
        """Refuse the innermost of some repetitions before its work is done; its first turn made `turn` nodes."""
        total = len(self.nodes) + turn * (count - 1)
        if total <= MAX_NODES:
            return
        *outer, repeat = around
        fits = 1 + (MAX_NODES - len(self.nodes)) // turn
        fits -= fits % 10 ** (len(str(fits)) - 1)  # a round number, which leaves room for what follows
        others = tuple(Edit(r.count.span, "1") for r in outer)
        self.limit(
            "NET320",
            repeat.span,
            f"this net would have {total:,} nodes or more",
            NODES,
            help=f"write `*{fits}`, which fits" + (", and `*1` around it" if outer else ""),
            edits=(Edit(repeat.count.span, str(fits)), *others),
        )

    def plan(self, code: ast.Code) -> Plan:
        return self._planned(code, lambda: plan_code(code))

    def _planned(self, piece: ast.Piece, make: Any) -> Plan:
        plan = self._plans.get(id(piece))
        if plan is None:
            try:
                plan = make()
            except EvaluationError as error:
                plan = error
            self._plans[id(piece)] = plan
        if isinstance(plan, EvaluationError):
            raise plan
        return plan

    def code(self, code: ast.Code, scope: Scope, here: int, more: Mapping[str, Any] | None = None) -> Laid | None:
        """What a code stands for at `here`. `more` are attributes that it has from elsewhere: those of the op it
        rewrites."""
        return self._laid(self.plan(code), code, scope, here, more)

    def call(
        self, op: ast.Op, name: str, scope: Scope, here: int, more: Mapping[str, Any] | None = None
    ) -> Laid | None:
        """The same for an op by its full name."""
        return self._laid(self.plan_of_call(op, name), op, scope, here, more)

    def plan_of_call(self, op: ast.Op, name: str) -> Plan:
        return self._planned(op, lambda: plan_call(op, name))

    def _laid(
        self, plan: Plan, piece: ast.Piece, scope: Scope, here: int, more: Mapping[str, Any] | None
    ) -> Laid | None:
        given = plan.given(scope.env)
        if plan.layer.names_place:
            given = with_places(plan, given, scope.tags, self.nodes)
        if more:
            given = {**more, **given}
        if here == UNKNOWN:
            checked = (id(piece), tuple(given.values()) if plan.open else None)
            if checked not in self._checked:
                self._checked.add(checked)
                self._check_arguments(plan, given, piece.span)
            return None
        x = self._seen(plan.layer, self.nodes[here].output)
        pools = self.pools[here] if plan.bare else 0
        key = (id(piece), tuple(given.values()) if plan.open or more else None, x, scope.version, pools)
        if key not in self._built:
            filled = self._filled(plan, given, scope, here, x)
            missing = {a.name for a in plan.layer.signature if a.default is FILLED_IN} - given.keys()
            if given.get("groups") == "depthwise":
                missing.discard("out_channels")  # as many as come in
            self._built[key] = self._build(plan, filled, x, piece.span, bool(missing))
        return self._built[key]

    def given(self, layer: type[Layer], given: Mapping[str, Any], here: int, span: Span) -> Laid | None:
        """What a block asks for; its problems stand at the block's name."""
        x = self._seen(layer, self.nodes[here].output)
        key = (layer, tuple(given.values()), x)
        if key not in self._built:
            self._built[key] = self._build(Plan(layer, dict(given), (), {}, layer.name), dict(given), x, span)
        return self._built[key]

    def put(self, laid: Laid, here: int, name: str, span: Span) -> int:
        """Add a layer to the list of nodes behind `here`, and say what is doubtful about it."""
        for warning in laid.warnings:
            self.problem(warning, span, "warning")
        inputs = (here, *laid.also)
        return self.append(name, laid.layer, inputs, laid.x, laid.output, span, laid.filled_in, laid.tied_to)

    def join(self, op: ast.Op, name: str, naming: Naming, ends: tuple[int, ...], spans: Sequence[Span]) -> int:
        if UNKNOWN in ends:
            return UNKNOWN
        layer = NAMES[name].layer.build({}, self.nodes[0].output)
        x = tuple(self.nodes[end].output for end in ends)
        found = list(layer.problems(x))
        for problem in found:
            self._join_problem(problem, op, x, spans)
        if found:
            return UNKNOWN
        output = layer.output(x)
        return self.append(naming.prefix + naming.number(name), layer, ends, x, output, op.name_span)

    def slice(self, op: ast.Op, naming: Naming, here: int, index: int, parts: int) -> int:
        """The channels that a branch of `split` starts from."""
        if here == UNKNOWN:
            return UNKNOWN
        layer, x = Slice(index, parts), self.nodes[here].output
        found = list(layer.problems(x))
        for problem in found:
            self.problem(problem, op.name_span)
        if found:
            return UNKNOWN
        return self.append(naming.prefix + naming.number("slice"), layer, (here,), x, layer.output(x), op.name_span)

    def flat_means(self, ends: tuple[int, ...], first: int, tagged: Container[int]) -> tuple[int, ...]:
        """The branches of a mean, with those of a mean directly inside it (from node `first` on) in its place.

        Each then counts the same, as where FractalNet's columns meet; the inner means are left out of the net.
        """
        flat: list[int] = []
        for end in ends:
            alone = end not in tagged and not any(end in node.inputs for node in self.nodes[end + 1 :])
            if end >= first and isinstance(self.nodes[end].layer, Mean) and alone:
                self.merged.add(end)
                flat += self.nodes[end].inputs
            else:
                flat.append(end)
        return tuple(flat)

    def _join_problem(self, problem: Problem, op: ast.Op, x: tuple[FeatureMap, ...], spans: Sequence[Span]) -> None:
        labels = tuple(Label(trimmed(span), str(shape)) for span, shape in zip(spans, x, strict=True))
        help_text, edits = branch_help(problem, op, x, spans)
        self.report(
            Diagnostic(
                problem.code,
                problem.message,
                op.name_span,
                expected=problem.expected,
                found=problem.found,
                related=labels,
                help=help_text,
                edits=edits,
            )
        )

    def append(
        self,
        name: str,
        layer: Layer,
        inputs: tuple[int, ...],
        x: Any,
        output: FeatureMap,
        span: Span,
        filled_in: bool = False,
        tied_to: int | None = None,
    ) -> int:
        if len(self.nodes) >= MAX_NODES:
            self.limit("NET320", span, f"this net has more than {MAX_NODES:,} nodes", NODES)
        if output.numel.bit_length() > MAX_BITS:
            said = f"the feature map behind `{layer.name}` has more than 2^{MAX_BITS} numbers"
            self.limit("NET322", span, said, f"at most 2^{MAX_BITS} numbers")
        rule = None
        if self.rewritten is not None:
            span, rule = self.rewritten.place, self.rewritten.rule
        self.nodes.append(Node(name, layer, inputs, x, output, span, filled_in, rule, tied_to))
        self.pools.append(max((self.pools[i] for i in inputs), default=0) + layer.is_pool)
        return len(self.nodes) - 1

    @staticmethod
    def _seen(layer: type[Layer], x: FeatureMap) -> FeatureMap:
        """A map of one pixel in place of a vector, for layers that slide."""
        return x if x.size or layer.takes_vector else FeatureMap(x.channels, (1, 1))

    def _filled(self, plan: Plan, given: dict[str, Any], scope: Scope, here: int, x: FeatureMap) -> dict[str, Any]:
        """Arguments with what a `default` says, then what the textbook's rule says for a convolution without numbers.

        Source of the rule: the textbook chapter's section 8.2.7: filters double after each pooling; 64 first.
        """
        default = scope.defaults.get(plan.layer, {})
        if default and not plan.bare:
            default = {k: v for k, v in default.items() if k not in ("kernel_size", "out_channels", "stride")}
        values = {**default, **given}
        if any(a.default is FILLED_IN for a in plan.layer.signature):
            values.setdefault("kernel_size", TEXTBOOK_KERNEL)
            if "out_channels" not in values:
                depthwise = values.get("groups") == "depthwise"
                pools = self.pools[here]
                rule = min(TEXTBOOK_FILTERS << min(pools, 10), TEXTBOOK_MOST_FILTERS)
                values["out_channels"] = x.channels if depthwise else rule
        return values

    def _check_arguments(self, plan: Plan, given: Mapping[str, Any], span: Span) -> bool:
        problems = list(argument_problems(plan.word, plan.layer.signature, given))
        for problem in problems:
            self._argument_problem(problem, plan, span)
        return not problems

    def _argument_problem(self, problem: Problem, plan: Plan, span: Span) -> None:
        place = plan.spans.get(problem.argument, span)
        if problem.code != "NET205" or plan.word not in EXAMPLES:
            self.problem(problem, place)
            return
        example, last = EXAMPLES[plan.word]
        kernel = plan.spans.get("kernel_size")
        end = kernel.end if kernel else span.start + len(plan.word)
        edit = Edit(Span(span.source, end, end), last if kernel else example)
        instead = span.text[: end - span.start] + edit.text + span.text[end - span.start :]
        self.report(
            Diagnostic(
                problem.code,
                problem.message,
                span,
                expected=problem.expected,
                found=problem.found,
                help=f"write `{instead}`, with the numbers you mean",
                edits=(edit,),
            )
        )

    def _build(
        self, plan: Plan, given: dict[str, Any], x: FeatureMap, span: Span, filled_in: bool = False
    ) -> Laid | None:
        if not self._check_arguments(plan, given, span):
            return None
        problems = list(plan.layer.shape_problems(given, x))
        if not problems:
            layer, seen = plan.layer.build(given, x), plan.layer.sees(given, x)
            problems = list(layer.problems(seen))
            if not problems:
                also, tied_to = further_inputs(plan.layer, given, self.nodes)
                warnings = tuple(layer.warnings(seen))
                return Laid(layer, given, seen, layer.output(seen), warnings, filled_in, also, tied_to)
        for problem in problems:
            self.problem(problem, span)
        return None
