"""Which weights of another net or file a net can begin with: three ways to find them, the one that takes most.

By name: tensors of one name and one shape.
By stage: the other net is known. A stage is all layers that see maps of one scale (the input's size over the map's, to
the nearest power of two; `F` is a stage of its own). Within a stage, the longest row of layers of one kind and shape in
both nets, in order, is taken, the first of those that are equally long; norms go with the layer before them.
By order: a file with names of its own, all of whose layers can be the net's first in one order only (`weight_order`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from torch import Tensor

from netdsl.ir.network import Network, Node
from netdsl.lowering.weight_order import COUNTER, Group, first_layers, groups, natural, same_form

VECTORS = -1  # the stage of fully connected layers, whose maps have no scale


@dataclass(frozen=True, slots=True)
class Taken:
    """What a net begins with: `tensors` gives the other's name for each of ours; the rest of both by layer."""

    how: str
    tensors: Mapping[str, str]
    layers: Mapping[str, str]
    """The other's layer for each of ours that has something from it."""
    new: tuple[str, ...]
    left_over: tuple[str, ...]


def take_weights(
    network: Network,
    own: Mapping[str, Tensor],
    tensors: Mapping[str, Tensor],
    other: Network | None = None,
    new: Collection[str] = frozenset(),
    within: Collection[str] | None = None,
) -> Taken:
    """The tensors of another net or file for a net whose state dict is `own`.

    `other` is the net of the tensors where it is known. The layers `new` take nothing, even what fits; nor do those
    outside of `within`, if that is given.
    """
    ways = [("by name", by_name(own, tensors))]
    if other is None:
        ways.append(("by order", first_layers(own, tensors, new)))
    else:
        ways.append(("by stage", by_stage(network, own, other, tensors)))
    wanted = [
        (how, {name: their for name, their in pairs.items() if _wanted(_layer(name), new, within)})
        for how, pairs in ways
    ]
    how, pairs = max(wanted, key=lambda way: _weights(way[1]))
    layers = {_layer(name): _layer(their) for name, their in pairs.items()}
    used = set(layers.values())
    return Taken(
        how,
        pairs,
        layers,
        tuple(layer for layer in groups(own) if layer not in layers),
        tuple(layer for layer in sorted(groups(tensors), key=natural) if layer not in used),
    )


def by_name(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> dict[str, str]:
    return {name: name for name, tensor in own.items() if name in tensors and same_form(tensor, tensors[name])}


def by_stage(
    network: Network, own: Mapping[str, Tensor], other: Network, tensors: Mapping[str, Tensor]
) -> dict[str, str]:
    ours, theirs = _stages(network, groups(own)), _stages(other, groups(tensors))
    pairs: dict[str, str] = {}
    for stage, units in ours.items():
        others = theirs.get(stage, [])
        for here, there in longest_row([unit.form for unit in units], [unit.form for unit in others]):
            pairs |= _of_unit(units[here], others[there])
    return pairs


def longest_row(ours: Sequence[object], theirs: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Places of the longest common subsequence, each as early as can be."""
    longest = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            equal = ours[i] == theirs[j]
            longest[i][j] = longest[i + 1][j + 1] + 1 if equal else max(longest[i + 1][j], longest[i][j + 1])
    i = j = 0
    while i < len(ours) and j < len(theirs):
        if ours[i] == theirs[j]:
            yield i, j
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1


@dataclass(frozen=True, slots=True)
class Unit:
    """A layer with weights, and the norms and the like that follow it: names and tensors of each."""

    form: tuple[object, ...]
    layers: list[tuple[str, Group]]


def _stages(network: Network, have: Mapping[str, Group]) -> dict[int, list[Unit]]:
    stages: dict[int, list[Unit]] = {}
    unit: Unit | None = None
    for node in network.nodes:
        group = have.get(node.name)
        if group is None or node.repeats is not None:
            continue
        if node.layer.weighted or unit is None:
            weight = group.get("weight", next(iter(group.values())))
            unit = Unit((node.layer.name, tuple(weight.shape)), [])
            stages.setdefault(_scale(network, node), []).append(unit)
        unit.layers.append((node.name, group))
    return stages


def _scale(network: Network, node: Node) -> int:
    """How often the input was halved on the way to what the layer sees."""
    size = network.nodes[node.inputs[0]].output.size if node.inputs else ()
    if node.layer.name == "linear" or not size or not network.input.size:
        return VECTORS
    return round(log2(network.input.size[0] / size[0]))


def _of_unit(ours: Unit, theirs: Unit) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, ((name, group), (other, tensors)) in enumerate(zip(ours.layers, theirs.layers, strict=False)):
        fitting = [key for key, tensor in group.items() if key in tensors and same_form(tensor, tensors[key])]
        if number and len(fitting) < len(group):  # of a norm, all or nothing
            break
        pairs |= {f"{name}.{key}": f"{other}.{key}" for key in fitting}
    return pairs


def _weights(pairs: Mapping[str, str]) -> int:
    return sum(not name.endswith(COUNTER) for name in pairs)


def _layer(tensor: str) -> str:
    return tensor.rpartition(".")[0]


def _wanted(layer: str, new: Collection[str], within: Collection[str] | None) -> bool:
    return layer not in new and (within is None or layer in within)
