"""The form of a module that trains fast: another graph over the same submodules, with the same weights and results."""

from collections.abc import Collection

from torch import fx, nn
from torch.nn.functional import hardtanh, relu

from netdsl.layers.activation import ReLU
from netdsl.lowering.to_torch import NODE, Compiled, network_of


def training_form(module: Compiled, in_place: Collection[int]) -> nn.Module:
    """A module that gives in training mode what `module` gives, to the bit; it shares weights and buffers.

    `in_place` are the ReLUs, by their numbers in the network, that write over what they take. Feature maps are of the
    plain form: there a layer's output stays what it was.
    """
    network = network_of(module)
    layers = {network.nodes[index].name: network.nodes[index].layer for index in in_place}
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in module.graph.nodes:
        layer = layers.get(node.meta.get(NODE, ""))
        if isinstance(layer, ReLU):
            run, limits = (relu, ()) if layer.maximum is None else (hardtanh, (0.0, float(layer.maximum)))
            copies[node] = graph.call_function(run, (copies[node.args[0]], *limits), {"inplace": True})
        else:
            copies[node] = graph.node_copy(node, lambda n: copies[n])
    return fx.GraphModule(module, graph, class_name=f"Training{network.name.title().replace('_', '')}")
