"""The form of a module that trains: another graph over the same submodules, with the same weights and results."""

import torch
from torch import fx, nn
from torch.nn.functional import relu

from netdsl.lowering.to_torch import Compiled, network_of, node_name
from netdsl.modules.recomputed import Recomputed
from netdsl.planning.form import Form

Nodes = dict[fx.Node, fx.Node]


def training_form(module: Compiled, form: Form) -> nn.Module:
    """A module that gives in training mode what `module` gives, to the bit; it shares weights and buffers.

    Feature maps are of the plain form: there a layer's output stays what it was.
    """
    network = network_of(module)
    made = _Maker(module, form)
    graph = fx.Graph()
    root = nn.Module()
    for name, child in module.named_children():
        root.add_module(name, child)
    copies: Nodes = {}
    waiting: list[fx.Node] = []
    for node in module.graph.nodes:
        segment = made.segment_of(node)
        if waiting and segment != made.segment_of(waiting[-1]):
            made.add_segment(root, graph, waiting, copies)
            waiting = []
        if segment is None:
            copies[node] = made.copy(graph, node, copies)
        else:
            waiting.append(node)
    return fx.GraphModule(root, graph, class_name=f"Training{network.name.title().replace('_', '')}")


class _Maker:
    """Copies nodes of a graph in the way that a form says."""

    def __init__(self, module: Compiled, form: Form) -> None:
        self.module, self.form = module, form
        self.places = {node.name: index for index, node in enumerate(network_of(module).nodes)}
        self.calls: dict[int, fx.Node] = {}
        before: list[fx.Node] = []
        self.segments: dict[fx.Node, int] = {}
        for node in module.graph.nodes:
            if node.op == "call_module":
                place = self.places[node_name(node)]
                self.calls[place] = node
                segment = next((first for first, last in form.segments if first <= place <= last), None)
                if segment is not None:  # with the reshaping and the weights that were made ready for it
                    self.segments |= dict.fromkeys((*before, node), segment)
                before = []
            elif node.op in ("placeholder", "output"):
                self.calls |= {0: node} if node.op == "placeholder" and 0 not in self.calls else {}
            else:
                before.append(node)

    def segment_of(self, node: fx.Node) -> int | None:
        return self.segments.get(node)

    def arguments(self, node: fx.Node) -> list[fx.Node]:
        """What a node takes, concats in this form's way."""
        place = self.places.get(node_name(node), -1) if node.op == "call_module" else -1
        if place in self.form.inputs:
            return [self.calls[source] for source in self.form.inputs[place]]
        return list(node.all_input_nodes)

    def copy(self, graph: fx.Graph, node: fx.Node, copies: Nodes) -> fx.Node:
        place = self.places.get(node_name(node), -1) if node.op == "call_module" else -1
        if place in self.form.inputs:
            return graph.call_function(torch.cat, ([copies[n] for n in self.arguments(node)], 1))
        if place in self.form.over:
            return graph.call_function(relu, (copies[self.arguments(node)[0]],), {"inplace": True})
        return graph.node_copy(node, lambda n: copies[n])

    def add_segment(self, root: nn.Module, graph: fx.Graph, nodes: list[fx.Node], copies: Nodes) -> None:
        """The nodes as a module of their own, which takes what comes from outside and gives what is used there."""
        inside = set(nodes)
        taken = list(dict.fromkeys(n for node in nodes for n in self.arguments(node) if n not in inside))
        users = {n for n in self.module.graph.nodes if n not in inside for n in self.arguments(n)}
        given = [node for node in nodes if node in users]
        part = fx.Graph()
        own: Nodes = {node: part.placeholder(f"x{number}") for number, node in enumerate(taken)}
        for node in nodes:
            own[node] = self.copy(part, node, own)
        part.output(tuple(own[node] for node in given))
        name = f"recomputed{self.segments[nodes[0]]}"
        root.add_module(name, Recomputed(fx.GraphModule(self.module, part)))
        outputs = graph.call_module(name, tuple(copies[node] for node in taken))
        for number, node in enumerate(given):
            copies[node] = graph.call_function(_item, (outputs, number))


def _item(values: tuple[torch.Tensor, ...], number: int) -> torch.Tensor:
    return values[number]
