"""What the paper claims against what the net is: `expect` and `printed`."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import floor
from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.ir.network import Network
from netdsl.ir.sizes import Shape
from netdsl.layers.attributes import nearest
from netdsl.passes.environment import Environment, EvaluationError, UnknownError
from netdsl.passes.evaluate import evaluate, show_value, tag_text
from netdsl.passes.open_sizes import open_shapes
from netdsl.passes.pieces import parts
from netdsl.record import Record, record
from netdsl.syntax import ast
from netdsl.syntax.numbers import quantity

METRICS = ("params", "macs", "depth", "output", "shape")
OF_A_PART = ("params", "macs", "shape")
OF_THE_SIZE = ("macs", "output", "shape")
MAX_NODES = 500_000


@record
class CheckedClaim(Record):
    """A claim beside the truth; `printed` ones are shown and never an error."""

    metric: str
    tag: str | None
    claimed: str
    found: str
    holds: bool
    printed: bool


At = Callable[[Mapping[str, Any]], tuple[Network | None, list[Diagnostic]]]


def verify(
    network: Network,
    claims: list[tuple[ast.Claims, Mapping[str, Any]]],
    at: At,
    as_written: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
) -> tuple[list[CheckedClaim], list[Diagnostic]]:
    """Check every claim that is about this net.

    Needs:   counts and fields; `at` gives the net at other settings; `as_written` are the settings of the file, None
             when the input is another; `settings` those of this net
    Makes:   each claim with its true value. As the file has it, all claims are checked, also `expect(n = 9)`; at other
             settings those made for just these, and those that use parameters
    Reports: NET401 a claim that does not hold, NET402 a claim about nothing that can be claimed, NET403 a claim at
             parameters that give no net, NET209 unknown tag, NET320 too many claims at other parameters
    """
    checker = _Checker(network, at, as_written, settings)
    for statement, variables in claims:
        try:
            checker.statement(statement, variables)
        except EvaluationError as error:
            checker.diagnostics.append(error.diagnostic)
            if error.diagnostic.code == "NET320":
                break
        except UnknownError:
            continue  # a name that was reported when names were resolved
    return checker.checked, checker.diagnostics


class _Checker:
    def __init__(
        self, network: Network, at: At, as_written: Mapping[str, Any] | None, settings: Mapping[str, Any]
    ) -> None:
        self.network = network
        self.at = at
        self.as_written = as_written
        self.settings = settings
        self.checked: list[CheckedClaim] = []
        self.diagnostics: list[Diagnostic] = []
        self.nodes = 0

    def statement(self, statement: ast.Claims, variables: Mapping[str, Any]) -> None:
        env = Environment(dict(variables))
        network: Network | None = self.network
        found: list[Diagnostic] = []
        literal = self.as_written == self.settings
        if statement.arguments is not None:
            claimed = self._settings(statement, env)
            if self.as_written is None or not (literal or {**self.as_written, **claimed} == self.settings):
                return
            if {**self.as_written, **claimed} != self.settings:
                network, found = self._laid_out(statement, {**self.as_written, **claimed})
            if network is None:
                self.diagnostics.append(
                    Diagnostic(
                        "NET403",
                        "there is no such net at these parameters",
                        statement.span,
                        expected="parameters that the net can be laid out with",
                        found=statement.span.text.partition(")")[0] + ")",
                        note="; ".join(f"{d.code}, {d.message}" for d in found if d.severity == "error"),
                    )
                )
                return
            env = Environment({**variables, **network.settings})
        assert network is not None
        for claim in statement.claims:
            if self.as_written is None and claim.metric in OF_THE_SIZE:
                continue
            if literal or statement.arguments is not None or _has_names(claim.value):
                self._one(claim, network, env, statement.printed)

    def _laid_out(self, statement: ast.Claims, settings: Mapping[str, Any]) -> tuple[Network | None, list[Diagnostic]]:
        """The net at other settings, as long as the work stays within its limit (NET320)."""
        if self.nodes > MAX_NODES:
            raise EvaluationError(
                Diagnostic(
                    "NET320",
                    "the claims of this net take too long to check",
                    statement.span,
                    expected=f"at most {MAX_NODES:,} nodes laid out for `expect(...)`",
                    found="more",
                )
            )
        network, found = self.at(settings)
        self.nodes += len(network.nodes) if network else MAX_NODES // 100
        return network, found

    def _one(self, claim: ast.Claim, network: Network, env: Environment, printed: bool) -> None:
        """A claim that cannot be checked leaves the others of its line."""
        try:
            self._claim(claim, network, env, printed)
        except EvaluationError as error:
            self.diagnostics.append(error.diagnostic)

    def _settings(self, statement: ast.Claims, env: Environment) -> Mapping[str, Any]:
        names = list(self.network.settings)
        settings: dict[str, Any] = {}
        for position, argument in enumerate(statement.arguments or ()):
            name = argument.name if argument.name is not None else (names[position : position + 1] or [""])[0]
            if name not in names:
                close = nearest(name, names)
                span = argument.span if argument.name is None else _first(argument.span, len(name))
                raise EvaluationError(
                    Diagnostic(
                        "NET204",
                        f"the net has no parameter `{name}`" if name else "too many parameters for this net",
                        span,
                        expected="one of: " + ", ".join(names) if names else "no parameters",
                        found=argument.span.text,
                        help=f"write `{close}`" if close else "",
                        edits=(Edit(span, close),) if close else (),
                    )
                )
            settings[name] = evaluate(argument.value, env)
        return settings

    def _claim(self, claim: ast.Claim, network: Network, env: Environment, printed: bool) -> None:
        tag = None if claim.tag is None else tag_text(claim.tag, env)
        truth = _truth(claim, network, tag)
        claimed, holds = _compare(claim, truth, env)
        found = _shown(truth)
        self.checked.append(CheckedClaim(claim.metric, tag, claim.text, found, holds, printed))
        if holds or printed:
            return
        instead = _as_claimed(claim, truth)
        typed = isinstance(truth, int) or all(isinstance(n, int) or n.isalpha() for n in truth)
        of = f" of `@{tag}`" if tag else ""
        self.diagnostics.append(
            Diagnostic(
                "NET401",
                f"the {claim.metric}{of} {'is' if claim.metric in ('depth', 'output', 'shape') else 'are'} {found}",
                claim.span,
                expected=f"{claim.metric} {'~' if claim.approximate else '='} {claimed}",
                found=found,
                help=f"if the net is right, write `{instead}`" if typed else "",
                edits=(Edit(claim.value.span, instead),) if typed else (),
            )
        )


def _truth(claim: ast.Claim, network: Network, tag: str | None) -> int | Shape:
    if claim.metric not in METRICS or (tag is not None and claim.metric not in OF_A_PART):
        known = OF_A_PART if tag is not None else METRICS
        close = nearest(claim.metric, known)
        place = _first(claim.span, len(claim.metric))
        raise EvaluationError(
            Diagnostic(
                "NET402",
                f"nothing is known about `{claim.metric}`" + (" of a part" if tag is not None else ""),
                place,
                expected="one of: " + ", ".join(known),
                found=claim.metric,
                help=f"write `{close}`" if close else "",
                edits=(Edit(place, close),) if close else (),
            )
        )
    if tag is None:
        if claim.metric in ("output", "shape"):
            return network.output.shape if network.open_sizes is None else network.open_sizes.output
        return {"params": network.params, "macs": network.macs, "depth": network.depth}[claim.metric]
    if tag not in network.tags:
        assert claim.tag is not None
        close = nearest(tag, network.tags)
        raise EvaluationError(
            Diagnostic(
                "NET209",
                f"there is no tag `@{tag}` in this net",
                claim.tag.span,
                expected="one of: " + ", ".join(f"@{t}" for t in network.tags) if network.tags else "a net with tags",
                found=f"@{tag}",
                help=f"write `@{close}`" if close else "",
                edits=(Edit(claim.tag.span, f"@{close}"),) if close else (),
            )
        )
    part = network.tags[tag]
    if claim.metric == "shape":
        open_sizes = network.open_sizes is not None
        return open_shapes(network)[0][part.node] if open_sizes else network.nodes[part.node].output.shape
    rows = network.counts[part.first : part.last + 1]
    return sum(row.params if claim.metric == "params" else row.macs for row in rows)


def _compare(claim: ast.Claim, truth: int | Shape, env: Environment) -> tuple[str, bool]:
    """The claimed value as text, and whether it holds."""
    if isinstance(truth, tuple):
        shape = _claimed_shape(claim.value, env)
        return "x".join(size if isinstance(size, str) else show_value(size) for size in shape), shape == truth
    if isinstance(claim.value, ast.String | ast.Number):
        if claim.text[:1] == '"' or claim.text.endswith("%"):
            raise EvaluationError(
                Diagnostic(
                    "NET402",
                    "this is no figure that can be claimed",
                    claim.value.span,
                    expected="a whole number such as 1_930, or 1.9K with `~`",
                    found=claim.text,
                )
            )
        value, step = quantity(claim.text)
        if claim.approximate:
            share = Fraction(truth) / step
            return claim.text, Fraction(value) / step in (floor(share), floor(share + Fraction(1, 2)))
        return claim.text, value == truth
    value = evaluate(claim.value, env)
    return show_value(value), value == truth


def _claimed_shape(value: ast.Expression, env: Environment) -> tuple[Any, ...]:
    """Numbers, and letters for sizes that stay open."""
    if isinstance(value, ast.Dims):
        return tuple(part.letter if isinstance(part, ast.OpenSize) else evaluate(part, env) for part in value.parts)
    claimed = evaluate(value, env)
    return claimed if isinstance(claimed, tuple) else (claimed,)


def _shown(truth: int | Shape) -> str:
    if isinstance(truth, int):
        return f"{truth:,}"
    return "x".join(f"({size})" if " " in str(size) else str(size) for size in truth)


def _as_claimed(claim: ast.Claim, truth: int | Shape) -> str:
    """The true value in the form of the claim."""
    if isinstance(truth, tuple):
        return "x".join(map(str, truth))
    if not claim.approximate or not isinstance(claim.value, ast.String):
        return f"{truth:_}"
    unit = claim.text.lstrip("0123456789._")
    scale = quantity("1" + unit)[0]
    decimals = len(claim.text.removesuffix(unit).partition(".")[2])
    while 0 < truth * 10**decimals < scale:  # not one digit would be left
        decimals += 1
    return f"{truth / float(scale):.{decimals}f}{unit}"


def _has_names(e: ast.Expression) -> bool:
    return isinstance(e, ast.Name) or any(_has_names(part) for part in parts(e)) or isinstance(e, ast.CallExpression)


def _first(span: Span, length: int) -> Span:
    return Span(span.source, span.start, span.start + length)
