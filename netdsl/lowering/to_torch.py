"""A network as a torch module: a graph of submodules under the nodes' names, run in the nodes' order."""

import torch
from torch import fx, nn

from netdsl.ir.network import Network, Node
from netdsl.layers import Condition, Input
from netdsl.modules.headed import HeadedModule

NODE = "netdsl_node"
"""Where a node of the graph keeps the name of the network's node that it runs."""

Compiled = fx.GraphModule | HeadedModule


def to_torch(network: Network) -> Compiled:
    """The network as an `nn.Module`: images N x C x *size in, N x classes (or a map) out.

    Conditions follow the images, each as an index or as weights over its values (`modules.condition`).
    A net with heads gives `(output, {head: output})` in training mode, its main output alone in evaluation. One that
    ends in heads gives `{head: output}`: of all heads in training mode, of those at its end in evaluation.
    Submodules and state-dict keys carry the nodes' names: `3a.branch2.conv1.weight`. Parameters are initialized as
    torch does by default, on the current default device (`with torch.device("meta")` for none at all).
    """
    root = nn.Module()
    graph = fx.Graph()
    values: list[fx.Node] = []
    for index, node in enumerate(network.nodes):
        if isinstance(node.layer, Input):
            values.append(graph.placeholder("x"))
            continue
        if node.repeats is None:
            add_submodule(root, node.name, node.layer.lower(node.x))
        inputs = _inputs(graph, network, node, values)
        if isinstance(node.layer, Condition):
            inputs.append(graph.placeholder(node.name))
        if node.tied_to is not None:
            inputs.append(graph.get_attr(f"{network.module_name(node.tied_to)}.weight"))
        called = graph.call_module(network.module_name(index), tuple(inputs))
        called.meta[NODE] = node.name
        values.append(called)
    result = _output(graph, network, network.output_node, values)
    name = "".join(part.title() for part in network.name.split("_"))
    meta = {"network": network}
    if not network.heads:
        graph.output(result)
        module = fx.GraphModule(root, graph, class_name=name)
        module.meta.update(meta)
        return module
    heads = {head: _output(graph, network, h.node, values) for head, h in network.heads.items()}
    graph.output(heads if network.final_heads else (result, heads))
    return HeadedModule(fx.GraphModule(root, graph, class_name=name), network.final_heads, meta)


def node_name(called: fx.Node) -> str:
    """The network's node that a node of the graph runs; what is shared runs under one module's name."""
    return str(called.meta.get(NODE, called.target))


def network_of(module: Compiled) -> Network:
    """The network that a module was made from."""
    network: Network = module.meta["network"]
    return network


def _output(graph: fx.Graph, network: Network, node: int, values: list[fx.Node]) -> fx.Node:
    """A node's tensor as an output: what is Cx1x1 at every size that the module takes is given as C."""
    feature_map = network.nodes[node].output
    one_pixel = feature_map.size and feature_map.numel == feature_map.channels
    if one_pixel and (network.open_sizes is None or node in network.open_sizes.vectors):
        return graph.call_function(torch.flatten, (values[node], 1))
    return values[node]


def _inputs(graph: fx.Graph, network: Network, node: Node, values: list[fx.Node]) -> list[fx.Node]:
    """The tensors that a node takes; a vector becomes a map of one pixel for a layer that slides."""
    found = []
    for place, source in enumerate(node.inputs):
        given = network.nodes[source].output
        if place == 0 and not given.size and not node.layer.takes_vector:
            found.append(graph.call_method("unflatten", (values[source], 1, node.x.shape)))
        else:
            found.append(values[source])
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
