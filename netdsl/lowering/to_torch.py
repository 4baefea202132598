"""A network as a torch module: a graph of submodules under the nodes' names, run in the nodes' order."""

import torch
from torch import fx, nn

from netdsl.ir.network import Network, Node
from netdsl.layers import Input


def to_torch(network: Network) -> fx.GraphModule:
    """The network as an `nn.Module`: images N x C x *size in, N x classes (or a map) out.

    Submodules and state-dict keys carry the nodes' names: `3a.branch2.conv1.weight`. Parameters are initialized as
    torch does by default, on the current default device (`with torch.device("meta")` for none at all).
    """
    root = nn.Module()
    graph = fx.Graph()
    values: list[fx.Node] = []
    for node in network.nodes:
        if isinstance(node.layer, Input):
            values.append(graph.placeholder("x"))
            continue
        add_submodule(root, node.name, node.layer.lower(node.x))
        values.append(graph.call_module(node.name, tuple(_inputs(graph, network, node, values))))
    end = network.output_node
    result = values[end]
    if network.nodes[end].output != network.output:  # Cx1x1 is given as C
        result = graph.call_function(torch.flatten, (result, 1))
    graph.output(result)
    module = fx.GraphModule(root, graph, class_name="".join(part.title() for part in network.name.split("_")))
    module.meta["network"] = network
    return module


def network_of(module: fx.GraphModule) -> Network:
    """The network that a module was made from."""
    network: Network = module.meta["network"]
    return network


def _inputs(graph: fx.Graph, network: Network, node: Node, values: list[fx.Node]) -> list[fx.Node]:
    """The tensors that a node takes; a vector becomes a map of one pixel for a layer that slides."""
    found = []
    for index in node.inputs:
        given = network.nodes[index].output
        if not given.size and not node.layer.takes_vector:
            found.append(graph.call_method("unflatten", (values[index], 1, node.x.shape)))
        else:
            found.append(values[index])
    return found


def add_submodule(root: nn.Module, name: str, module: nn.Module) -> None:
    """Put a module under a dotted name, with plain modules for the parts of the path."""
    *path, last = name.split(".")
    for part in path:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        child = root._modules[part]
        assert child is not None
        root = child
    root.add_module(last, module)
