"""A net whose input leaves sizes open, laid out at a size that fits, and what can be wrong with that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Label
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.ir.sizes import OpenSizes
from netdsl.passes.open_sizes import NoRule, open_sizes
from netdsl.passes.reports import Reports
from netdsl.passes.resize import Misfit, Resizer
from netdsl.passes.settle_bias import settle_bias
from netdsl.syntax import ast

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST = 256
TRIED = range(FIRST, FIRST + 65)
LARGE = (512, 1024, 2048)
"""For kernels as large as a map of some hundred pixels."""
MISFITS = frozenset(f"NET{number}" for number in range(301, 316))

UNREAD = "NET350"

LaidOut = tuple[Network | None, list[tuple[ast.Claims, Mapping[str, Any]]], list[Diagnostic]]
At = Callable[[Mapping[str, int], FeatureMap | None], LaidOut]


@dataclass(frozen=True, slots=True)
class OpenInput:
    """The `input` of a net that leaves sizes open, and the axes of each letter."""

    line: ast.Input
    letters: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, net: ast.Net) -> OpenInput | None:
        line = next((s for s in net.body.statements if isinstance(s, ast.Input)), None)
        if line is None or not isinstance(line.dims, ast.Dims):
            return None
        letters: dict[str, tuple[int, ...]] = {}
        for axis, part in enumerate(line.dims.parts[1:]):
            if isinstance(part, ast.OpenSize):
                letters[part.letter] = (*letters.get(part.letter, ()), axis)
        return cls(line, letters) if letters else None

    def takes(self, given: FeatureMap, example: FeatureMap) -> bool:
        """Is this input one that the letters stand for, and not another one altogether?"""
        if len(given.size) != len(example.size):
            return False
        open_axes = {axis for axes in self.letters.values() for axis in axes}
        fixed = all(n == m for i, (n, m) in enumerate(zip(given.size, example.size, strict=True)) if i not in open_axes)
        return fixed and all(len({given.size[axis] for axis in axes}) == 1 for axes in self.letters.values())


def lay_out_open(at: At, open_input: OpenInput, given: FeatureMap | None) -> LaidOut:
    """A net of any size, laid out at a size that fits or at the one that is given.

    Makes:   a network with biases settled, and in `open_sizes` what holds for every size
    Reports: NET310 a linear layer that would have another size for each input, NET311 a net that asks for the size,
             NET318 sizes that can never work, NET317 a given size that the net does not take
    """
    network, claims, found = _first_that_fits(at)
    if network is None:
        return None, claims, found
    if given is not None and given.channels != network.input.channels:
        network, claims, found = at({}, FeatureMap(given.channels, network.input.size))
        if network is None:
            return None, claims, found
    if network.reads_size is not None or (given is not None and not open_input.takes(given, network.input)):
        if given is not None:
            return at({}, given)
        return None, claims, [*found, _asks_for_size(network, open_input)]
    found = [d for d in found if d.code != UNREAD]  # that hangs on the size
    network = settle_bias(network)
    problem = _linear_of_open_size(network, open_input)
    rules = open_sizes(network, open_input.letters) if problem is None else None
    if rules is None or isinstance(rules, NoRule):
        if given is not None:  # a net of this size alone
            return at({}, given)
        return None, claims, [*found, problem or _no_rule(rules, open_input)]
    network = replace(network, open_sizes=rules)
    return (network, claims, found) if given is None else _at_given(network, claims, found, open_input, rules, given)


def _first_that_fits(at: At) -> LaidOut:
    """The layout at the first size that has no misfits; what is wrong at the first size, if there is none."""
    first = at(dict.fromkeys(LETTERS, FIRST), None)
    errors = {d.code for d in first[2] if d.severity == "error"}
    if first[0] is not None or not errors <= MISFITS:
        return first
    for size in (*TRIED[1:], *LARGE):
        laid_out = at(dict.fromkeys(LETTERS, size), None)
        if laid_out[0] is not None:
            return laid_out
    note = f"so it is for every size from {TRIED[0]} to {TRIED[-1]}, and for {', '.join(map(str, LARGE))}"
    return None, first[1], [replace(d, note=d.note or note) if d.severity == "error" else d for d in first[2]]


def _at_given(
    network: Network,
    claims: list[tuple[ast.Claims, Mapping[str, Any]]],
    found: list[Diagnostic],
    open_input: OpenInput,
    sizes: OpenSizes,
    given: FeatureMap,
) -> LaidOut:
    chosen = {letter: given.size[rule.axes[0]] for letter, rule in sizes.rules.items()}
    resized = Resizer(network).resized(given)
    refused = sizes.refused(chosen)
    if refused or isinstance(resized, Misfit):
        return None, claims, [*found, _refused(network, open_input, sizes, chosen, refused, resized)]
    reports = Reports()
    for node in resized.nodes:
        for warning in node.layer.warnings(node.x):
            reports.problem(warning, node.span, "warning")
    return replace(resized, open_sizes=None), claims, [*found, *reports.diagnostics]


def _refused(
    network: Network,
    open_input: OpenInput,
    sizes: OpenSizes,
    chosen: Mapping[str, int],
    refused: list[str],
    resized: Network | Misfit,
) -> Diagnostic:
    related: tuple[Label, ...] = ()
    if isinstance(resized, Misfit):
        node = network.nodes[resized.node]
        related = (Label(node.span, resized.problem.message),)
    return Diagnostic(
        "NET317",
        "the net does not take this size",
        open_input.line.dims.span,
        expected="; ".join(refused) or "another size",
        found=", ".join(f"{letter} = {size}" for letter, size in chosen.items()),
        related=related,
    )


def _asks_for_size(network: Network, open_input: OpenInput) -> Diagnostic:
    assert network.reads_size is not None
    return Diagnostic(
        "NET311",
        "the size of the input is left open, and the net asks for it",
        open_input.line.dims.span,
        expected="numbers, or a size from outside",
        found=open_input.line.dims.span.text,
        related=(Label(network.reads_size, "another net for another size"),),
        note=f"on the command line: --input {network.input}",
    )


def _linear_of_open_size(network: Network, open_input: OpenInput) -> Diagnostic | None:
    """Weights that would be others for each size (NET310)."""
    start = network.input
    open_axes = {axis for axes in open_input.letters.values() for axis in axes}
    grown = FIRST * 9 * 5 * 7  # further on, and as the strides divide it mostly the same
    larger = tuple(n + grown if axis in open_axes else n for axis, n in enumerate(start.size))
    found = Resizer(network).maps(FeatureMap(start.channels, larger))
    if not isinstance(found, Misfit) or found.problem.code != "NET310":
        return None
    node = network.nodes[found.node]
    return Diagnostic(
        "NET310",
        f"`{node.span.text}` needs a feature map of known size",
        node.span,
        expected="a known number of inputs: a fixed input, or a global pool before",
        found=f"{node.x.channels} channels of a size that `{open_input.line.span.text}` leaves open",
        help=f"write `G {node.span.text}`",
        edits=(Edit(node.span, f"G {node.span.text}"),),
    )


def _no_rule(rule: NoRule | None, open_input: OpenInput) -> Diagnostic:
    assert rule is not None
    return Diagnostic(
        "NET318",
        "this net cannot have an input of any size",
        open_input.line.dims.span,
        expected="sizes that fit again and again, as the strides have it",
        found=rule.why,
        note="give the input numbers; or mend the branches whose sizes grow apart",
    )
