"""What is legal and probably wrong: one message a kind, at the first place, with the number of the others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.ir.network import Network, Node

# A global pool behind a pool is the usual end of a net.
GLOBAL = "global_avg_pool"
CROSS_ENTROPY = "cross_entropy"


def lint(network: Network) -> list[Diagnostic]:
    """Warnings and notes about the whole net.

    Needs:   biases settled, fields
    Makes:   nothing
    Reports: NET352 to NET358
    """
    rules = (_linear_pairs, _pool_pairs, _last_softmax, _last_dropout, _uneven_jumps, _large_fields, _dropped_biases)
    made = {(node.span.source.name, node.span.start): node.rule for node in network.nodes if node.rule is not None}
    return [_with_rule(diagnostic, made) for rule in rules for diagnostic in rule(network)]


def _with_rule(diagnostic: Diagnostic, made: Mapping[tuple[str, int], Span]) -> Diagnostic:
    """What a rule made cannot be mended where it was rewritten: the rule is shown in place of the help."""
    span = diagnostic.span
    rule = None if span is None else made.get((span.source.name, span.start))
    if rule is None:
        return diagnostic
    related = (*diagnostic.related, Label(rule, "rewritten by this rule"))
    return replace(diagnostic, help="", edits=(), related=related)


def _said(node: Node) -> str:
    """A node in the words of the file; what a rule made, by its code."""
    return node.span.text if node.rule is None else node.layer.code


@dataclass(frozen=True, slots=True)
class _Pair:
    first: Node
    second: Node


def _pairs(network: Network, wanted: Any) -> list[_Pair]:
    nodes = network.nodes
    pairs = (_Pair(nodes[node.inputs[0]], node) for node in nodes if len(node.inputs) == 1)
    return [pair for pair in pairs if wanted(pair.first.layer, pair.second.layer)]


def _and_more(count: int) -> str:
    return f", and in {count - 1} more place{'s' * (count > 2)}" if count > 1 else ""


def _linear_pairs(network: Network) -> Iterator[Diagnostic]:
    pairs = _pairs(network, lambda a, b: a.linear and b.linear and not (_is_factor(a) or _is_factor(b)))
    if pairs:
        first = pairs[0].first.span
        said = f"`{_said(pairs[0].first)}` and `{_said(pairs[0].second)}`"
        repeated = first.source.text[first.end :].lstrip()[:1] == "*"
        instead = f"({first.text} R)" if repeated else f"{first.text} R"
        yield Diagnostic(
            "NET352",
            f"no nonlinearity stands between {said}{_and_more(len(pairs))}",
            first,
            "warning",
            expected="an activation between layers that are linear",
            found="two linear layers in a row, which together are one",
            help=f"write `{instead}`",
            note="or say it once for all: --with 'C -> C R'" if len(pairs) > 1 else "",
            edits=(Edit(first, instead),),
        )


def _is_factor(layer: Any) -> bool:
    """Depthwise, or 1xk and kx1: one half of a convolution that is factored on purpose; or a learned upsampling."""
    if layer.name == "conv_transpose" and max(layer.stride) > 1:
        return True
    return getattr(layer, "depthwise", False) or len(set(getattr(layer, "kernel_size", ()))) > 1


def _pool_pairs(network: Network) -> Iterator[Diagnostic]:
    """A pool whose output also goes elsewhere is none of these: inception modules have a pool in one branch."""
    uses = Counter(i for node in network.nodes for i in node.inputs)
    alone = {network.nodes[i].name for i, count in uses.items() if count == 1}
    pairs = [
        p for p in _pairs(network, lambda a, b: a.is_pool and b.is_pool and b.name != GLOBAL) if p.first.name in alone
    ]
    if pairs:
        yield Diagnostic(
            "NET353",
            f"a pool stands right behind a pool{_and_more(len(pairs))}",
            pairs[0].second.span,
            "warning",
            expected="one pool of the size that is meant, or layers between",
            found=f"`{_said(pairs[0].first)}` and `{_said(pairs[0].second)}`",
        )


def _last_softmax(network: Network) -> Iterator[Diagnostic]:
    """Not where each recipe has another loss, such as `nll`, which takes probabilities."""
    last = network.nodes[network.output_node]
    losses = {str(recipe.settings.get("loss", CROSS_ENTROPY)) for recipe in network.recipes.values()}
    if last.layer.name == "softmax" and CROSS_ENTROPY in (losses or {CROSS_ENTROPY}):
        yield Diagnostic(
            "NET354",
            "the net ends in a softmax, and the cross-entropy loss takes one itself",
            last.span,
            "warning",
            expected="scores as the output",
            found="probabilities; netdsl train takes the scores before it, other code a softmax of a softmax",
            help="take it out",
            edits=(Edit(last.span, ""),),
        )


def _last_dropout(network: Network) -> Iterator[Diagnostic]:
    last = network.nodes[network.output_node]
    if last.layer.name == "dropout":
        yield Diagnostic(
            "NET356",
            "dropout stands behind the last layer, where it drops the answers themselves",
            last.span,
            "warning",
            expected="dropout before the last layer",
            found="dropout at the end",
            help="take it out",
            edits=(Edit(last.span, ""),),
        )


def _uneven_jumps(network: Network) -> Iterator[Diagnostic]:
    for node in network.nodes:
        if not node.layer.is_join:
            continue
        largest = max(y.numel // y.channels for y in node.x)
        if largest == 1:  # one pixel takes no steps: maxima over the whole map, side by side
            continue
        jumps = [
            network.fields[i].jump
            for i, y in zip(node.inputs, node.x, strict=True)
            if y.numel // y.channels == largest and network.fields[i].jump is not None
        ]
        if len(set(jumps)) > 1:
            shown = " and ".join("x".join(map(str, j or ())) for j in dict.fromkeys(jumps))
            yield Diagnostic(
                "NET358",
                f"the branches of `{node.layer.name}` look at the input in different steps",
                node.span,
                "warning",
                expected="branches of one stride",
                found=f"jumps of {shown} pixels",
            )
            return


def _large_fields(network: Network) -> Iterator[Diagnostic]:
    for node, field in zip(network.nodes, network.fields, strict=True):
        if field.jump is not None and any(r > n for r, n in zip(field.size, network.input.size, strict=True)):
            yield Diagnostic(
                "NET355",
                f"from `{node.name}` on, the receptive field is larger than the input",
                node.span,
                "note",
                expected=f"at most {'x'.join(map(str, network.input.size))}",
                found="x".join(map(str, field.size)),
            )
            return


def _dropped_biases(network: Network) -> Iterator[Diagnostic]:
    dropped = network.dropped_biases
    if dropped:
        node = network.nodes[dropped[0]]
        several = f"{len(dropped)} layers have" if len(dropped) > 1 else f"`{node.name}` has"
        yield Diagnostic(
            "NET357",
            f"{several} no bias, because a norm behind takes it away again",
            node.span,
            "note",
            found=f"`{_said(node)}`" + (f" and {len(dropped) - 1} more" if len(dropped) > 1 else ""),
            note="`b` keeps a bias: `C3-64b`; `default Cb` keeps them all",
        )
