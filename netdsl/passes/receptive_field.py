"""How many input pixels each unit sees, and how far apart neighbouring units look."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

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
    start = Running((1,) * len(whole), (1,) * len(whole))
    fields: list[Running] = []
    known: dict[tuple[int, int, Running], Running] = {}
    for node in network.nodes:
        if not node.inputs:
            fields.append(start)
            continue
        x = _joined(node, [fields[i] for i in node.inputs]) if node.layer.is_join else fields[node.inputs[0]]
        reach = node.layer.reach(node.x)
        if reach == "pointwise":  # most nodes
            fields.append(x)
            continue
        key = (id(node.layer), id(node.x), x)
        if key not in known:
            known[key] = _after(reach, x, whole)
        fields.append(known[key])
    rounded = {id(f): Field(tuple(map(ceil, f.size)), f.jump) for f in fields}
    return replace(network, fields=tuple(rounded[id(f)] for f in fields))


@dataclass(frozen=True, slots=True)
class Running:
    """A field before it is rounded up to pixels: behind an upsampling its size is a fraction."""

    size: tuple[int | Fraction, ...]
    jump: tuple[int | Fraction, ...] | None


def _joined(node: Node, fields: list[Running]) -> Running:
    """The largest field; a branch of one pixel that is broadcast (`mul`) is left out."""
    largest = max(y.numel // y.channels for y in node.x)
    wide = [f for f, y in zip(fields, node.x, strict=True) if y.numel // y.channels == largest]
    size = tuple(max(axis) for axis in zip(*(f.size for f in wide), strict=True))
    jumps = {f.jump for f in wide}
    return Running(size, jumps.pop() if len(jumps) == 1 else None)


def _after(reach: Reach, x: Running, whole: tuple[int, ...]) -> Running:
    if isinstance(reach, str):  # the whole map
        return Running(whole, None)
    if x.jump is None:
        return x
    if len(reach) != len(x.size):  # a map made from a vector has no place in the input
        return Running(whole, None)
    size = tuple(_plain(r + s.reach * j) for r, j, s in zip(x.size, x.jump, reach, strict=True))
    jump = tuple(_plain(j * s.step) for j, s in zip(x.jump, reach, strict=True))
    if any(n.bit_length() > MAX_BITS for j in jump for n in (j.numerator, j.denominator)):
        return Running(whole, None)
    return Running(size, jump)


def _plain(pixels: int | Fraction) -> int | Fraction:
    return pixels.numerator if pixels.denominator == 1 else pixels
