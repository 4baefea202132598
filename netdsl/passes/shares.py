"""What a net shares: laid out where it is used, each time with the weights of its first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.ir.network import Node
from netdsl.passes.reports import trimmed
from netdsl.passes.scope import Scope
from netdsl.syntax import ast


@dataclass(slots=True)
class Shared:
    """A `share` while the net is laid out: what it sees, and the nodes of its first use."""

    definition: ast.Share
    scope: Scope
    nodes: range | None = field(default=None)
    open: bool = False
    """It is being laid out."""

    @property
    def body(self) -> ast.Body:
        return self.definition.body

    def reuse(self, nodes: list[Node], first: int) -> bool:
        """Give the nodes from `first` on the weights of the first use; False where those do not fit them."""
        if self.nodes is None:
            self.nodes = range(first, len(nodes))
            return True
        if len(self.nodes) != len(nodes) - first:
            return False
        for owner, index in zip(self.nodes, range(first, len(nodes)), strict=True):
            if not _fits(nodes[owner], nodes[index]):
                return False
            if _has_weights(nodes[index]) and nodes[index].repeats is None:
                repeated = nodes[owner].repeats
                nodes[index] = replace(nodes[index], repeats=owner if repeated is None else repeated)
        return True


def _has_weights(node: Node) -> bool:
    return bool(node.layer.params(node.x) or node.layer.buffers(node.x))


def _fits(first: Node, second: Node) -> bool:
    """Could both have the same weights?"""
    if first.layer != second.layer:
        return False
    if not _has_weights(first):
        return True
    x, y = (node.x[0] if isinstance(node.x, tuple) else node.x for node in (first, second))
    same_map = (x.channels, len(x.size)) == (y.channels, len(y.size))
    return same_map and first.layer.params(first.x) == second.layer.params(second.x)


def other_weights(op: ast.Op, nodes: Sequence[Node], first_use: range | None, start: int) -> Diagnostic:
    """NET315: a further use would need weights of another shape."""
    assert first_use is not None
    pairs = zip(first_use, range(start, len(nodes)), strict=False)
    odd = next(((a, b) for a, b in pairs if not _fits(nodes[a], nodes[b])), None)
    expected, found = f"{len(first_use)} layers, as in its first use", f"{len(nodes) - start}"
    if odd is not None:
        a, b = nodes[odd[0]], nodes[odd[1]]
        expected = f"`{a.layer.code}` on {a.x}, {a.layer.params(a.x):,} parameters, as in its first use"
        found = f"`{b.layer.code}` on {b.x}, {b.layer.params(b.x):,} parameters"
    first = nodes[first_use.start].span if len(first_use) else op.span
    return Diagnostic(
        "NET315",
        f"the weights of `{op.name}` do not fit here",
        op.name_span,
        expected=expected,
        found=found,
        related=(Label(trimmed(first), "has its weights from its first use"),),
        note="a global pool before a linear layer, or the same number of channels, makes the weights fit anywhere",
    )


def misplaced(statement: ast.Share | ast.Condition, word: str) -> Diagnostic:
    """NET217: `share` and `condition` belong to the net as a whole."""
    place = Span(statement.span.source, statement.span.start, statement.name_span.end)
    return Diagnostic(
        "NET217",
        f"`{word}` stands in the braces of a net only",
        place,
        expected=f"`{place.text}` beside the net's `input`",
        found=f"`{place.text}` within other braces",
        note="the net's blocks see it from there",
    )


def taken(statement: ast.Share | ast.Condition) -> Diagnostic:
    """NET212: the name is that of something else."""
    return Diagnostic(
        "NET212",
        f"`{statement.name}` is the name of something else",
        statement.name_span,
        expected="a name that no parameter, op or tag has, nor anything in Python or torch's modules",
        found=statement.name,
    )


def unused(share: ast.Share) -> Diagnostic:
    """NET351: what is shared is never laid out."""
    return Diagnostic(
        "NET351",
        f"what is shared as `{share.name}` is never used",
        Span(share.span.source, share.span.start, share.name_span.end),
        "warning",
        help="take it out",
        edits=(Edit(share.span, ""),),
    )
