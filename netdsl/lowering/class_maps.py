"""Class activation maps as a compiled net: what stands behind the global pool, moved in front of it.

Averaging commutes with what is linear and the same at every place. So a fully connected layer behind a global average
is a 1x1 convolution with the same weights before it, and one forward pass gives the scores and a map of every class.
"""

from dataclasses import dataclass
from math import prod
from typing import NoReturn

import torch
from torch import Tensor, nn

from netdsl.diagnostics import fail
from netdsl.ir.network import Network, Node
from netdsl.layers.conv import Conv
from netdsl.layers.linear import Linear
from netdsl.layers.pool import AvgPool
from netdsl.lowering.taps import feature_maps
from netdsl.lowering.to_torch import Compiled, network_of

AT_REST = ("dropout", "spatial_dropout", "flatten")
"""Layers that change no number in evaluation."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a net has its maps, as nodes.

    features: what the global pool averages; with `signed`, what the ReLU before it has made that of
    scores: the numbers of the classes; weighted: the layer that makes them of the averages, None where they are these
    """

    features: int
    scores: int
    weighted: int | None


class ClassMaps(nn.Module):
    """Scores and class activation maps in one pass; the weights are the net's own, not copies.

    A map is in the unit of the scores: its mean plus the class's bias is the class's score, up to rounding, except
    with `signed` in a net without weights behind the pool, whose maps are then those before its last ReLU.

    Source: Zhou et al. 2016, arXiv:1512.04150, equations 1 and 2; the thesis, equations 5.1 to 5.3
    Errors: DiagnosticsError with NET604 for a net whose scores are no averages of maps
    """

    def __init__(self, module: Compiled, scores: int | None = None, signed: bool = False) -> None:
        super().__init__()
        network = network_of(module)
        self.place = map_place(network, network.output_node if scores is None else scores, signed)
        self.names = network.nodes[self.place.features].name, network.nodes[self.place.scores].name
        self.tapped = feature_maps(module, self.names)
        self.layer = None
        if self.place.weighted is not None:
            self.layer = network.module_name(self.place.weighted)

    @property
    def weight(self) -> Tensor | None:
        """Classes x channels; None where each channel is a class's map."""
        if self.layer is None:
            return None
        weight = self.tapped.get_parameter(f"{self.layer}.weight")
        return weight.flatten(1)

    @property
    def bias(self) -> Tensor | None:
        """What is added to each map's mean, one number a class."""
        bias = None if self.layer is None else self.tapped.get_submodule(self.layer).bias
        return bias if isinstance(bias, Tensor) else None

    def look(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores, images x classes, and the features that `maps` makes maps of."""
        found = self.tapped(x)
        features, scores = (found[name] for name in self.names)
        return scores.flatten(1), features

    def maps(self, features: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images x classes x height x width: of all classes, or of those whose numbers are given, images x so many."""
        weight = self.weight
        if weight is None:
            return features if classes is None else torch.stack([f[c] for f, c in zip(features, classes, strict=True)])
        flat = features.flatten(2)
        chosen = weight.expand(len(flat), -1, -1) if classes is None else weight[classes]
        maps = torch.bmm(chosen.to(flat.dtype), flat)  # a quarter of the time of `@`, which copies the weights
        return maps.view(*maps.shape[:2], *features.shape[2:])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores, images x classes, and the maps of all classes, images x classes x height x width."""
        scores, features = self.look(x)
        return scores, self.maps(features)


def map_place(network: Network, scores: int, signed: bool = False) -> Place:
    """Where a net has the maps of the scores that a node gives.

    Between the pool and the scores there may be one layer with weights, F or a 1x1 convolution, and layers that do
    nothing in evaluation. Errors: DiagnosticsError with NET604
    """
    at = _back(network, scores)
    weighted = None
    if _is_linear(network.nodes[at]):
        weighted = at
        at = _back(network, network.nodes[at].inputs[0])
    pool = network.nodes[at]
    if not _averages_all(pool):
        _refuse(network, network.nodes[scores], pool)
    features = _back(network, pool.inputs[0])
    if weighted is None and signed and network.nodes[features].layer.name == "relu":
        features = network.nodes[features].inputs[0]
    return Place(features, scores, weighted)


def _back(network: Network, at: int) -> int:
    """The last node on the way there that does something."""
    while network.nodes[at].layer.name in AT_REST:
        at = network.nodes[at].inputs[0]
    return at


def _is_linear(node: Node) -> bool:
    layer = node.layer
    if not isinstance(layer, Linear) and not (isinstance(layer, Conv) and prod(layer.kernel_size) == layer.groups == 1):
        return False
    return bool(node.x.numel == node.x.channels and node.output.numel == node.output.channels)


def _averages_all(node: Node) -> bool:
    """A global average, or a window of the whole map's size; of one pixel there is no map to see."""
    if node.layer.is_join or not node.inputs or node.x.numel == node.x.channels:
        return False
    if node.layer.name == "global_avg_pool":
        return True
    layer = node.layer
    return isinstance(layer, AvgPool) and tuple(layer.kernel_size) == node.x.size and not any(layer.padding)


def _refuse(network: Network, scores: Node, found: Node) -> NoReturn:
    fail(
        "NET604",
        f"`{network.name}` has no class activation maps",
        expected="a global average pool, then at most one F: `G F10`, or `C1-10 R G`",
        found=f"`{found.name}` before the scores" + ("" if found is scores else f" of `{scores.name}`"),
        note="--method grad-cam makes maps for any net with feature maps; for F behind a map there is also "
        "`netdsl convert --fully-convolutional`, which makes convolutions of it",
    )
