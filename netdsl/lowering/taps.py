"""Feature maps by name: the same module, with the outputs of chosen nodes in place of the net's own."""

from collections.abc import Sequence

from torch import fx

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.layers.attributes import nearest
from netdsl.lowering.to_torch import network_of


def feature_maps(module: fx.GraphModule, names: Sequence[str]) -> fx.GraphModule:
    """A module that shares `module`'s weights and gives `{name: tensor}` for tags (`3a`) or nodes (`3a.concat1`).

    What comes only after the last of them is left out, parameters too.
    Errors: DiagnosticsError with NET209 for a name that is neither.
    """
    network = network_of(module)
    wanted = {name: _node_name(network, name) for name in names}
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    outputs: dict[str, fx.Node] = {}
    for node in module.graph.nodes:
        if node.op == "output":
            break
        copies[node] = graph.node_copy(node, lambda n: copies[n])
        if node.op == "placeholder":
            outputs["input"] = copies[node]
        elif node.op == "call_module":
            outputs[str(node.target)] = copies[node]
    graph.output({name: outputs[target] for name, target in wanted.items()})
    graph.eliminate_dead_code(is_impure_node=lambda node: node.op in ("placeholder", "output"))
    tapped = fx.GraphModule(module, graph, class_name="FeatureMaps")
    tapped.train(module.training)
    tapped.meta["network"] = network
    return tapped


def _node_name(network: Network, name: str) -> str:
    known = [node.name for node in network.nodes]
    if name in known:
        return name
    if name not in network.tags:
        close = nearest(name, [*network.tags, *known])
        fail(
            "NET209",
            f"there is no tag or node `{name}` in `{network.name}`",
            expected="a tag, or a node's name as in the summary",
            found=name,
            note=f"did you mean `{close}`?" if close else "tags: " + ", ".join(network.tags),
        )
    return known[network.tags[name].node]
