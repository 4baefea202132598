"""A net with further outputs: all of them while training, the main one otherwise."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, fx, nn

Forward = Callable[..., Any]


class HeadedModule(nn.Module):
    """The submodules of two graphs over the same layers.

    In training mode it gives `(main output, {head: output})`, else the main output alone, without running the heads;
    where the `final` heads at its end are its outputs, `{head: output}` in both modes.
    `graph` is the whole graph, whose output is that of training.
    """

    def __init__(self, whole: fx.GraphModule, final: Sequence[str], meta: Mapping[str, Any]) -> None:
        super().__init__()
        for name, module in whole.named_children():
            self.add_module(name, module)
        self.graph = whole.graph
        self.final = tuple(final)
        self.meta = dict(meta)
        self._whole: Forward = type(whole).forward
        self._main: Forward = type(fx.GraphModule(whole, main_graph(whole.graph, self.final))).forward

    def forward(self, x: Tensor, *conditions: Any) -> Any:
        return self._whole(self, x, *conditions) if self.training else self._main(self, x, *conditions)

    def __reduce__(self) -> Any:
        """Pickled as the whole graph, from which the other is made again: generated code has no name to be found by."""
        return _again, (fx.GraphModule(self, self.graph), self.final, self.meta, self.training)


def _again(whole: fx.GraphModule, final: Sequence[str], meta: Mapping[str, Any], training: bool) -> HeadedModule:
    return HeadedModule(whole, final, meta).train(training)


def main_graph(graph: fx.Graph, final: Sequence[str]) -> fx.Graph:
    """A copy of a graph that gives the main output, or the final heads', with what these need."""
    copies: dict[fx.Node, fx.Node] = {}
    made = fx.Graph()
    for node in graph.nodes:
        if node.op == "output":
            outputs = {name: node.args[0][name] for name in final} or node.args[0][0]
            made.output(fx.map_arg(outputs, lambda n: copies[n]))
        else:
            copies[node] = made.node_copy(node, lambda n: copies[n])
    made.eliminate_dead_code(is_impure_node=lambda node: node.op in ("placeholder", "output"))
    return made
