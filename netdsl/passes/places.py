"""Arguments that name another place of the net: tags to nodes, and what of them a layer takes as a further input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netdsl.blocks import UNKNOWN
from netdsl.diagnostics import Span
from netdsl.ir.network import Node, Tag
from netdsl.layers import Layer
from netdsl.layers.attributes import TAG, Place, TagValue
from netdsl.passes.environment import EvaluationError, UnknownError
from netdsl.passes.layout_problems import unknown_tag
from netdsl.passes.plan import Plan


def with_places(plan: Plan, given: Mapping[str, Any], tags: Mapping[str, Tag], nodes: Sequence[Node]) -> dict[str, Any]:
    """The arguments with the node that a tag means in the tag's place. Errors: EvaluationError with NET209."""
    wanted = {a.name for a in plan.layer.signature if a.kind is TAG}
    return {
        name: _place(plan.layer, value, tags, nodes, plan.spans[name])
        if name in wanted and isinstance(value, TagValue)
        else value
        for name, value in given.items()
    }


def _place(layer: type[Layer], value: TagValue, tags: Mapping[str, Tag], nodes: Sequence[Node], span: Span) -> Place:
    tag = tags.get(value.name)
    if tag is None:
        raise EvaluationError(unknown_tag(value.name, tags, span))
    if tag.node == UNKNOWN:
        raise UnknownError
    index = _meant(layer.place_is, tag, nodes)
    node = nodes[index]
    return Place(str(value), index, node.layer, node.x, node.output)


def _meant(kind: str, tag: Tag, nodes: Sequence[Node]) -> int:
    """The tag's own node; or the only one of the kind that is wanted in the part that the tag names."""
    inside = [i for i in range(tag.first, tag.last + 1) if nodes[i].layer.name == kind]
    return inside[0] if len(inside) == 1 and nodes[tag.node].layer.name != kind else tag.node


def further_inputs(
    layer: type[Layer], given: Mapping[str, Any], nodes: Sequence[Node]
) -> tuple[tuple[int, ...], int | None]:
    """The nodes that a layer takes besides what comes in, and the one whose weights it uses."""
    places = [value.node for value in given.values() if isinstance(value, Place)]
    match layer.names_place:
        case "output":
            return tuple(places), None
        case "input":
            return tuple(nodes[place].inputs[0] for place in places), None
        case "weights":  # and what the layer there took, to give its size back
            return tuple(nodes[place].inputs[0] for place in places), places[0]
    return (), None
