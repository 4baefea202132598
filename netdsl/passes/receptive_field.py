"""How many input pixels each unit sees, and how far apart neighbouring units look."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

from netdsl.geometry import Slide
from netdsl.ir.network import Field, Network, Node
from netdsl.layers import Reach

MAX_BITS = 62  # of a jump; one that is larger has long left every input behind


def receptive_field(network: Network) -> Network:
    """The receptive field and jump of every node.

    Needs:   shapes
    Makes:   `fields`: r_out = r_in + (k-1)*d*j_in and j_out = j_in*stride, axis by axis; through branches the
             largest field; the whole input behind a global pool or a linear layer, where the count ends
    Reports: nothing; jumps that disagree at a join end the count there (`lint` warns)
    Source:  the structures lecture, formulas of its first page; Araujo et al. 2019, doi:10.23915/distill.00021
    """
    whole = network.input.size
    start = Field((1,) * len(whole), (1,) * len(whole))
    fields: list[Field] = []
    known: dict[tuple[int, int, Field], Field] = {}
    for node in network.nodes:
        if not node.inputs:
            fields.append(start)
            continue
        x = _joined(node, [fields[i] for i in node.inputs]) if len(node.inputs) > 1 else fields[node.inputs[0]]
        reach = node.layer.reach(node.x)
        if reach == "pointwise":  # most nodes
            fields.append(x)
            continue
        key = (id(node.layer), id(node.x), x)
        if key not in known:
            known[key] = _after(reach, x, whole)
        fields.append(known[key])
    return replace(network, fields=tuple(fields))


def _joined(node: Node, fields: list[Field]) -> Field:
    """The largest field; a branch of one pixel that is broadcast (`mul`) is left out."""
    largest = max(y.numel // y.channels for y in node.x)
    wide = [f for f, y in zip(fields, node.x, strict=True) if y.numel // y.channels == largest]
    size = tuple(max(axis) for axis in zip(*(f.size for f in wide), strict=True))
    jumps = {f.jump for f in wide}
    return Field(size, jumps.pop() if len(jumps) == 1 else None)


def _after(reach: Reach, x: Field, whole: tuple[int, ...]) -> Field:
    if isinstance(reach, str):  # the whole map
        return Field(whole, None)
    if x.jump is None:
        return x
    if len(reach) != len(x.size):  # a map made from a vector has no place in the input
        return Field(whole, None)
    size = tuple(_reached(r, j, s) for r, j, s in zip(x.size, x.jump, reach, strict=True))
    jump = tuple(_plain(j * s.step) for j, s in zip(x.jump, reach, strict=True))
    if any(n.bit_length() > MAX_BITS for j in jump for n in (j.numerator, j.denominator)):
        return Field(whole, None)
    return Field(size, jump)


def _reached(size: int, jump: int | Fraction, slide: Slide) -> int:
    return ceil(size + slide.reach * jump)


def _plain(jump: int | Fraction) -> int | Fraction:
    return jump.numerator if jump.denominator == 1 else jump
