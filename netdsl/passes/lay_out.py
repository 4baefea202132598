"""Laying out: parameters, blocks, loops and conditions are worked out, and a flat list of nodes with shapes is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netdsl.blocks import BLOCKS, UNKNOWN
from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Tag
from netdsl.layers import NAMES, Input
from netdsl.passes.evaluate import (
    Environment,
    EvaluationError,
    NamedOp,
    UnknownError,
    evaluate,
    show_value,
    tag_text,
    truth,
    whole,
)
from netdsl.passes.place import LimitReachedError, Placer
from netdsl.passes.plan import bind_parameters, missing_argument
from netdsl.passes.resolve import Program
from netdsl.passes.scope import Naming, Scope
from netdsl.passes.site import BlockSite
from netdsl.syntax import ast

MAX_CALLS = 200
MAX_STEPS = 1_000_000


def lay_out(
    program: Program,
    net: ast.Net,
    settings: Mapping[str, Any],
    sizes: Mapping[str, int],
    given: FeatureMap | None = None,
) -> tuple[Network | None, list[tuple[ast.Claims, Mapping[str, Any]]], list[Diagnostic]]:
    """The nodes of a net at some settings.

    Needs:   names that were resolved; `settings` that are parameters of the net; `sizes` for open letters, or a
             `given` input in place of the net's own
    Makes:   a Network whose every node has its shape (None after an error), the claims that stood in it
    Reports: NET103 to NET104, NET203 to NET216 names and arguments; NET3xx shapes; NET320 to NET322 limits
    """
    layout = LayOut(program, sizes, given)
    network = layout.net(net, settings)
    return network, layout.claims, layout.placer.diagnostics


class LayOut:
    """One run over the syntax tree. The cursor `here` is the tensor that the next item continues from."""

    def __init__(self, program: Program, sizes: Mapping[str, int], given: FeatureMap | None) -> None:
        self.program = program
        self.sizes = sizes
        self.given = given
        self.placer = Placer()
        self.claims: list[tuple[ast.Claims, Mapping[str, Any]]] = []
        self.tags: dict[str, Tag] = {}
        self.here = UNKNOWN
        self.has_input = False
        self.calls = 0
        self.steps = 0
        self.versions = 0

    def net(self, net: ast.Net, settings: Mapping[str, Any]) -> Network | None:
        scope = self._scope({}, Naming(), {}, 0)
        scope.is_net = True
        head = _head(net)
        try:
            self._bind_defaults(net.name, net.parameters, dict(settings), scope, head)
            if self.given is not None and not _has_input(net.body):
                self._start(self.given, head)
            self.body(net.body, scope)
        except LimitReachedError:
            return None
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
            return None
        except UnknownError:
            return None
        self._check_ends(net, head)
        if any(d.severity == "error" for d in self.placer.diagnostics) or self.here == UNKNOWN:
            return None
        nodes = tuple(self.placer.nodes)
        used = {p.name: scope.env.variables[p.name] for p in net.parameters}
        return Network(net.name, nodes, self.here, used, head, dict(self.tags))

    def _check_ends(self, net: ast.Net, head: Span) -> None:
        if not self.has_input:
            if not any(d.severity == "error" for d in self.placer.diagnostics):
                self.placer.report(_no_input(net, head))
        elif len(self.placer.nodes) == 1 and self.here == 0:
            span = self.placer.nodes[0].span
            self.placer.report(
                Diagnostic(
                    "NET215",
                    "nothing follows `input`",
                    span,
                    expected="at least one op",
                    found="the end of the net",
                    help=f"write `{span.text} G F10`",
                    edits=(Edit(span, f"{span.text} G F10"),),
                )
            )
        elif self.here != UNKNOWN:
            self._check_left_behind()

    def _check_left_behind(self) -> None:
        """What `from` leaves behind must be used."""
        nodes = self.placer.nodes
        used = {self.here}
        for index in range(len(nodes) - 1, 0, -1):
            if index in used:
                used.update(nodes[index].inputs)
        for index in range(1, len(nodes)):
            if index not in used and index + 1 not in used:
                self.placer.report(
                    Diagnostic(
                        "NET216",
                        f"what `{nodes[index].span.text}` gives is never used",
                        nodes[index].span,
                        expected="an op that takes it, or a tag that is used later",
                        found=f"a tensor of {nodes[index].output} left behind",
                    )
                )
                return

    def _scope(
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
        raise EvaluationError(
            Diagnostic(
                "NET209",
                f"there is no tag `@{name}` before this",
                span,
                expected="one of: " + ", ".join(f"@{t}" for t in tags) if tags else "a tag in the same body",
                found=f"@{name}",
            )
        )

    # Statements

    def body(self, body: ast.Body, scope: Scope) -> None:
        for statement in body.statements:
            self.statement(statement, scope)

    def statement(self, statement: ast.Statement, scope: Scope, word: str | None = None) -> None:
        """Lay out one statement at the cursor. `word` is the tag that names it, in place of its own word."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.placer.limit(statement.span, f"this takes more than {MAX_STEPS:,} steps to lay out")
        try:
            _RULES[type(statement)](self, statement, scope, word)
        except EvaluationError as error:
            self.placer.report(error.diagnostic)
            self.here = UNKNOWN
        except UnknownError:
            self.here = UNKNOWN

    def _code(self, code: ast.Code, scope: Scope, word: str | None) -> None:
        self.here = self.placer.code(code, scope, self.here, word)

    def _op(self, op: ast.Op, scope: Scope, word: str | None) -> None:
        target = scope.env.variables.get(op.name)
        name = target.name if isinstance(target, NamedOp) else op.name
        if name == "id" and not op.arguments:
            return
        if name in self.program.blocks:
            self._call(op, self.program.blocks[name], scope, word)
        elif name in BLOCKS:
            site = BlockSite(self, op, scope, scope.naming.inside(self._take(op, scope, word, name)))
            self.here = site.expand(BLOCKS[name])
        elif name in NAMES and NAMES[name].layer.is_join:
            self._join(op, name, scope, word)
        elif name in NAMES:
            if op.branches is not None:
                raise EvaluationError(_no_branches(op, name))
            self.here = self.placer.call(op, name, scope, self.here, word)
        else:
            raise UnknownError

    def _take(self, op: ast.Op, scope: Scope, word: str | None, name: str) -> str:
        return word if word is not None else scope.naming.number(name)

    def _call(self, op: ast.Op, block: ast.Block, scope: Scope, word: str | None) -> None:
        if op.branches is not None:
            raise EvaluationError(_no_branches(op, block.name))
        bound = bind_parameters(block.name, block.parameters, op.arguments)
        values = {name: evaluate(expression, scope.env) for name, expression in bound.items()}
        naming = scope.naming.inside(self._take(op, scope, word, block.name))
        inner = self._scope({}, naming, scope.defaults, scope.version)
        self._bind_defaults(block.name, block.parameters, values, inner, op.span)
        self.calls += 1
        if self.calls > MAX_CALLS:
            self.placer.limit(op.span, f"blocks call each other more than {MAX_CALLS} deep", "NET321")
        self.body(block.body, inner)
        self.calls -= 1

    def _bind_defaults(
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
            raise EvaluationError(_needs_branches(op, name))
        naming = scope.naming.inside(word) if word is not None else scope.naming
        start, ends, spans = self.here, [], []
        for branch in op.branches:
            if not branch.statements:
                raise EvaluationError(_empty_branch(op, branch))
            self.here = start
            self.body(branch, scope.braces(naming.inside(naming.number("branch"))))
            ends.append(self.here)
            spans.append(branch.span)
        self.here = self.placer.join(op, name, naming, tuple(ends), spans, scope.env)

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
        if name in scope.tags or not scope.naming.take(name):
            raise EvaluationError(_tag_taken(tagged, name))
        first = len(self.placer.nodes)
        self.statement(tagged.item, scope, name)
        last = len(self.placer.nodes) - 1
        scope.tags[name] = tag = Tag(self.here, first if last >= first else self.here, max(last, first - 1))
        self.tags[scope.naming.prefix + name] = tag

    def _input(self, statement: ast.Input, scope: Scope, word: str | None) -> None:
        if not scope.is_net or self.has_input:
            raise EvaluationError(_misplaced_input(statement))
        dims = statement.dims
        parts = dims.parts if isinstance(dims, ast.Dims) else (dims,)
        shape = [
            self.sizes.get(part.letter, 0) if isinstance(part, ast.OpenSize) else whole(part, scope.env, "a size", 1)
            for part in parts
        ]
        if len(shape) > 4:
            raise EvaluationError(_too_many_axes(statement, len(shape)))
        _check_channels_first(statement, shape)
        self._start(self.given or FeatureMap(shape[0], tuple(shape[1:])), statement.span)

    def _start(self, feature_map: FeatureMap, span: Span) -> None:
        self.has_input = True
        self.here = self.placer.append("input", Input(feature_map), (), feature_map, feature_map, span)

    def _let(self, let: ast.Let, scope: Scope, word: str | None) -> None:
        try:
            scope.env.variables[let.name] = evaluate(let.value, scope.env)
        except EvaluationError:
            scope.env.variables.pop(let.name, None)
            raise

    def _if(self, statement: ast.If, scope: Scope, word: str | None) -> None:
        for condition, body in statement.cases:
            if truth(condition, scope.env):
                self.body(body, scope.braces())
                return
        if statement.otherwise is not None:
            self.body(statement.otherwise, scope.braces())

    def _for(self, loop: ast.For, scope: Scope, word: str | None) -> None:
        for row in _rows(loop, [evaluate(value, scope.env) for value in loop.values]):
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

    def _claims(self, claims: ast.Claims, scope: Scope, word: str | None) -> None:
        self.claims.append((claims, dict(scope.env.variables)))


_RULES: Mapping[type, Any] = {
    ast.Code: LayOut._code,
    ast.Op: LayOut._op,
    ast.Group: LayOut._group,
    ast.Repeat: LayOut._repeat,
    ast.Tagged: LayOut._tagged,
    ast.Input: LayOut._input,
    ast.Let: LayOut._let,
    ast.If: LayOut._if,
    ast.For: LayOut._for,
    ast.Default: LayOut._default,
    ast.From: LayOut._from,
    ast.Claims: LayOut._claims,
}


def _head(net: ast.Net) -> Span:
    return Span(net.span.source, net.span.start, max(net.body.span.start - 1, net.span.start))


def _has_input(body: ast.Body) -> bool:
    return any(isinstance(s, ast.Input) for s in body.statements)


def _rows(loop: ast.For, values: list[Any]) -> list[tuple[Any, ...]]:
    """What each turn of a loop gives its names: from one list, from lists side by side, or from rows."""
    for value, expression in zip(values, loop.values, strict=True):
        if not isinstance(value, tuple):
            raise EvaluationError(
                Diagnostic("NET208", "`for` needs a list", expression.span, expected="[...]", found=show_value(value))
            )
    if len(values) == 1 and len(loop.names) == 1:
        return [(value,) for value in values[0]]
    if len(values) == 1:
        rows = [row if isinstance(row, tuple) else None for row in values[0]]
        table = values if None in rows else rows
        if all(row is not None and len(row) == len(loop.names) for row in table):
            return [row for row in table if row is not None]
    elif len(values) == len(loop.names) and len({len(value) for value in values}) == 1:
        return list(zip(*values, strict=True))
    found = " and ".join(str(len(v)) for v in values)
    raise EvaluationError(
        Diagnostic(
            "NET208",
            "the names and the lists of `for` do not match",
            loop.values[0].span.to(loop.values[-1].span),
            expected=f"{len(loop.names)} lists of one length, or rows of {len(loop.names)} with `;` between",
            found=f"{len(values)} list{'s' * (len(values) > 1)}, of {found} items",
        )
    )


def _no_input(net: ast.Net, head: Span) -> Diagnostic:
    place = Span(net.body.span.source, net.body.span.start, net.body.span.start + 1)
    in_file = place.text == "{"
    return Diagnostic(
        "NET214",
        f"the net `{net.name}` has no `input`" if in_file else "the size of the input is not given",
        head,
        expected="`input` and a shape, channels first",
        found="no input",
        help="write `input 3x224x224` as its first line" if in_file else "",
        note="" if in_file else "on the command line: --input 3x224x224",
        edits=(Edit(place, "{ input 3x224x224 "),) if in_file else (),
    )


def _no_branches(op: ast.Op, name: str) -> Diagnostic:
    assert op.branches is not None
    braces = Span(op.span.source, op.span.start + op.span.text.index("{"), op.span.end)
    return Diagnostic(
        "NET206",
        f"`{name}` takes no braces",
        op.name_span,
        expected=f"`{name}` alone",
        found=f"`{name} {{ ... }}`",
        help="take the braces out",
        edits=(Edit(braces, ""),),
    )


def _needs_branches(op: ast.Op, name: str) -> Diagnostic:
    if op.branches:
        body = op.branches[0].span
        return Diagnostic(
            "NET206",
            f"`{name}` joins one branch with nothing",
            op.name_span,
            expected="at least two branches with `|` between",
            found="one",
            help="write `| id` for the input itself",
            edits=(Edit(Span(body.source, body.end, body.end), " | id"),),
        )
    return Diagnostic(
        "NET205",
        f"`{name}` needs branches",
        op.name_span,
        expected=f"{name} {{ ... | ... }}",
        found=op.span.text,
        help=f"write `{name} {{ id | id }}` and put the branches in",
        edits=(Edit(op.span, f"{name} {{ id | id }}"),),
    )


def _empty_branch(op: ast.Op, branch: ast.Body) -> Diagnostic:
    text = op.span.text
    gap = next(
        (i for i in range(text.index("{"), len(text)) if text[i] in "{|" and text[i + 1 :].lstrip()[:1] in "|}"), 0
    )
    place = Span(op.span.source, op.span.start + gap + 1, op.span.start + gap + 1)
    return Diagnostic(
        "NET205",
        f"a branch of `{op.name}` is empty",
        place,
        expected="an op, or `id` for the input itself",
        found="nothing",
        help="write `id`",
        edits=(Edit(place, " id "),),
    )


def _tag_taken(tagged: ast.Tagged, name: str) -> Diagnostic:
    return Diagnostic(
        "NET212",
        f"the name `@{name}` is taken here",
        tagged.tag.span,
        expected="a name that no other tag or op in this body has, nor torch's modules",
        found=f"@{name}",
        note=f"in a loop, put its number in: `@{name}{{i}}`",
    )


def _misplaced_input(statement: ast.Input) -> Diagnostic:
    return Diagnostic(
        "NET214",
        "`input` stands once, in the braces of a net",
        statement.span,
        expected="one input",
        found="another",
        help="take it out",
        edits=(Edit(statement.span, ""),),
    )


def _too_many_axes(statement: ast.Input, count: int) -> Diagnostic:
    return Diagnostic(
        "NET303",
        "an input has at most three spatial axes",
        statement.dims.span,
        expected="channels and one, two or three sizes",
        found=f"{count} numbers",
    )


def _check_channels_first(statement: ast.Input, shape: list[int]) -> None:
    """`input 224x224x3`: the channels come first here, as in torch."""
    if len(shape) != 3 or shape[0] <= 4 or shape[0] != shape[1] or shape[2] not in (1, 3, 4):
        return
    instead = f"input {shape[2]}x{shape[0]}x{shape[1]}"
    raise EvaluationError(
        Diagnostic(
            "NET104",
            "the channels come first",
            statement.span,
            expected="channels x height x width",
            found=f"{shape[0]} channels of {shape[1]}x{shape[2]}",
            help=f"write `{instead}`",
            edits=(Edit(statement.span, instead),),
        )
    )
