"""A network at another size of its input: the same layers, laid along other maps."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import Any

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Node
from netdsl.layers import Condition, Input, Layer


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first layer that does not take what comes to it."""

    node: int
    problem: Problem


@dataclass
class Resizer:
    """Works out shapes at other sizes. The layers, and so the weights, stay those of the network."""

    network: Network
    _known: dict[Any, FeatureMap | Problem] = field(default_factory=dict)

    def maps(self, feature_map: FeatureMap) -> list[FeatureMap] | Misfit:
        """What each node gives for an input of this shape."""
        outputs: list[FeatureMap] = []
        for index, node in enumerate(self.network.nodes):
            if not node.inputs:
                outputs.append(node.output if isinstance(node.layer, Condition) else feature_map)
                continue
            x = seen(node, outputs)
            if _hands_on(type(node.layer)):
                outputs.append(x)
                continue
            key = (id(node.layer), x)
            known = self._known.get(key)
            if known is None:
                self._known[key] = known = _output(node, x)
            if isinstance(known, Problem):
                return Misfit(index, known)
            outputs.append(known)
        return outputs

    def resized(self, feature_map: FeatureMap) -> Network | Misfit:
        """The network with this input. Counts and fields are to be made anew."""
        outputs = self.maps(feature_map)
        if isinstance(outputs, Misfit):
            return outputs
        nodes = [
            replace(node, x=seen(node, outputs), output=outputs[index])
            if node.inputs or isinstance(node.layer, Condition)
            else replace(node, layer=Input(feature_map), x=feature_map, output=feature_map)
            for index, node in enumerate(self.network.nodes)
        ]
        return replace(self.network, nodes=tuple(nodes))

    def vectors(self, axes: Set[int], period: int) -> frozenset[int]:
        """Those of the net's ends that are one pixel at this size and a period further on, and so at all sizes."""
        network = self.network
        size = tuple(n + period if axis in axes else n for axis, n in enumerate(network.input.size))
        later = self.maps(FeatureMap(network.input.channels, size))
        ends = {network.output_node, *(head.node for head in network.heads.values())}
        both = [[node.output for node in network.nodes], *([] if isinstance(later, Misfit) else [later])]
        return frozenset(end for end in ends if all(maps[end].numel == maps[end].channels for maps in both))


def seen(node: Node, outputs: list[FeatureMap]) -> Any:
    """What a node's layer sees of the maps before it."""
    if not node.inputs:
        return node.x
    if isinstance(node.x, tuple):
        return tuple(outputs[i] for i in node.inputs)
    x = outputs[node.inputs[0]]
    return x if x.size or not node.x.size else FeatureMap(x.channels, (1,) * len(node.x.size))


def _hands_on(layer: type[Layer]) -> bool:
    """Whatever comes in goes out, and nothing can be wrong with it."""
    return layer.problems is Layer.problems and layer.output is Layer.output


def _output(node: Node, x: Any) -> FeatureMap | Problem:
    problem = next(node.layer.problems(x), None)
    if problem is not None:
        return problem
    if not isinstance(x, tuple) and node.layer.params(x) != node.layer.params(node.x):
        return Problem("NET310", f"`{node.layer.code}` would have other weights")
    return node.layer.output(x)
