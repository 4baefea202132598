"""The weights that meet the pixels themselves, as pictures."""

from dataclasses import dataclass

from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.layers.conv import Conv
from netdsl.layers.linear import Linear
from netdsl.lowering.to_torch import Compiled, network_of

COLOURS = (1, 3)


@dataclass(frozen=True, slots=True)
class Filters:
    """weights: filters x colours (1 or 3) x height x width, in units of the normalized input."""

    node: str
    weights: Tensor


def first_filters(module: Compiled) -> Filters:
    """The filters of the first layer with weights: a convolution, or a linear layer, whose rows are as large as images.

    Errors: DiagnosticsError with NET620 where the first layer with weights is of another kind, does not see the input's
    own channels, or sees others than one or three
    """
    network = network_of(module)
    index = _first_weighted(network)
    node = network.nodes[index]
    if isinstance(node.layer, Conv) and len(node.layer.kernel_size) == 2 and _from_input(network, index):
        weights = module.get_parameter(f"{node.name}.weight").detach()
        if weights.shape[1] in COLOURS:
            return Filters(node.name, weights)
    if isinstance(node.layer, Linear) and len(network.input.size) == 2 and _from_input(network, index):
        weights = module.get_parameter(f"{node.name}.weight").detach()
        if network.input.channels in COLOURS and weights.shape[1] == network.input.numel:
            return Filters(node.name, weights.view(-1, *network.input.shape))
    return fail(
        "NET620",
        f"the first layer of `{network.name}` with weights has no filters that are pictures",
        expected="a convolution in two dimensions or a linear layer over the image itself, in one colour or three",
        found=f"`{node.name}`, {node.layer.code}, over {node.x}",
    )


def _first_weighted(network: Network) -> int:
    found = (i for i, node in enumerate(network.nodes) if node.layer.weighted)
    return next(found, len(network.nodes) - 1)


def _from_input(network: Network, index: int) -> bool:
    """Nothing on the way from the input has made other channels of its channels."""
    while index:
        node = network.nodes[index]
        if node.layer.is_join or not node.inputs:
            return False
        index = node.inputs[0]
        if index and network.nodes[index].output.channels != network.input.channels:
            return False
    return True
