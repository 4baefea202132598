"""Feature maps by name: the same module, with the outputs of chosen nodes in place of the net's own."""

from collections.abc import Sequence

from torch import fx

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.layers.attributes import nearest
from netdsl.lowering.to_torch import Compiled, network_of, node_name


def feature_maps(module: Compiled, names: Sequence[str]) -> fx.GraphModule:
    """A module that shares `module`'s weights and gives `{name: tensor}` for tags (`3a`) or nodes (`3a.concat1`).

    What comes only after the last of them is left out, parameters too.
    Errors: DiagnosticsError with NET209 for a name that is neither.
    """
    network = network_of(module)
    present = {"input"} | {node_name(node) for node in module.graph.nodes if node.op == "call_module"}
    wanted = {name: _node_name(network, name, present) for name in names}
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    outputs: dict[str, fx.Node] = {}
    for node in module.graph.nodes:
        if node.op == "output":
            break
        copies[node] = graph.node_copy(node, lambda n: copies[n])
        if node.op == "placeholder":
            outputs.setdefault("input", copies[node])  # conditions follow
        elif node.op == "call_module":
            outputs[node_name(node)] = copies[node]
    graph.output({name: outputs[target] for name, target in wanted.items()})
    graph.eliminate_dead_code(is_impure_node=lambda node: node.op in ("placeholder", "output"))
    tapped = fx.GraphModule(module, graph, class_name="FeatureMaps")
    tapped.train(module.training)
    tapped.meta["network"] = network
    return tapped


def _node_name(network: Network, name: str, present: set[str]) -> str:
    """The node of a tag or name, which must be `present`: feature maps may be taken of feature maps."""
    tags = {tag: network.nodes[at.node].name for tag, at in network.tags.items()}
    tags = {tag: node for tag, node in tags.items() if node in present}
    if name in present:
        return name
    if name not in tags:
        close = nearest(name, [*tags, *(node.name for node in network.nodes if node.name in present)])
        fail(
            "NET209",
            f"there is no tag or node `{name}` in `{network.name}`",
            expected="a tag, or a node's name as in the summary",
            found=name,
            note=f"did you mean `{close}`?" if close else "tags: " + (", ".join(tags) or "none"),
        )
    return tags[name]
