"""Three ways back through a ReLU: a net's graph over the same weights, with another backward pass.

With z the ReLU's input and g what comes back to its output, the input gets
    gradient     g where z > 0                   (backpropagation)
    deconvnet    g where g > 0                   (a ReLU on the way back; z is not asked)
    guided       g where z > 0 and g > 0         (both)
    open         g                               (as if every ReLU let everything through: a way out of dead units)
A ReLU with a maximum counts as closed above it as well. Convolutions and linear layers go back by their transposed
weights, max pools by their switches, batch norms by their scale (they are linear in evaluation mode), whatever the
rule. Deconvnet leaves local response normalization out on its way back. All other activations have their own derivative
under every rule; a net that has no ReLU has one and the same picture three times.
"""

from typing import Any, Literal, get_args

import torch
from torch import Tensor, fx, nn
from torch.nn.functional import relu

Rule = Literal["gradient", "deconvnet", "guided", "open"]
RULES: tuple[Rule, ...] = get_args(Rule)


def with_rule(module: fx.GraphModule, rule: Rule) -> fx.GraphModule:
    """The module with another backward pass; it gives the same numbers and shares the weights.

    ReLUs that write over their input become ReLUs that do not.
    Source: Springenberg et al. 2015, arXiv:1412.6806, section 3.4 and figure 1; Zeiler & Fergus 2014, arXiv:1311.2901,
            section 2.1; Simonyan et al. 2013, arXiv:1312.6034, section 4, on what the two have in common
    """
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in module.graph.nodes:
        maximum = _maximum(module, node)
        if node.op == "output":
            graph.output(fx.map_arg(node.args[0], lambda n: copies[n]))
        elif maximum is not None:
            copies[node] = graph.call_function(_rectified, (copies[node.all_input_nodes[0]], maximum, rule))
        elif rule == "deconvnet" and _is_local_response_norm(module, node):
            (given,) = (copies[n] for n in node.all_input_nodes)
            copies[node] = graph.call_function(_passed_back, (graph.node_copy(node, lambda n: copies[n]), given))
        else:
            copies[node] = graph.node_copy(node, lambda n: copies[n])
    made = fx.GraphModule(module, graph, class_name=f"{rule.title()}Rule")
    made.train(module.training)
    made.meta.update(module.meta)
    return made


def rectifiers(module: fx.GraphModule) -> int:
    """How many ReLUs a graph has: without any, all rules agree."""
    return sum(_maximum(module, node) is not None for node in module.graph.nodes)


def _maximum(module: fx.GraphModule, node: fx.Node) -> float | None:
    """The maximum of a ReLU, infinity for none; None for what is no ReLU."""
    if node.op == "call_function" and node.target in (relu, torch.relu, torch.relu_):
        return float("inf")
    if node.op != "call_module":
        return None
    layer = module.get_submodule(str(node.target))
    if isinstance(layer, nn.ReLU):
        return float("inf")
    if isinstance(layer, nn.Hardtanh) and layer.min_val == 0:  # ReLU6 is one
        return float(layer.max_val)
    return None


def _is_local_response_norm(module: fx.GraphModule, node: fx.Node) -> bool:
    return node.op == "call_module" and isinstance(module.get_submodule(str(node.target)), nn.LocalResponseNorm)


def _rectified(x: Tensor, maximum: float, rule: Rule) -> Tensor:
    y: Tensor = _Rectified.apply(x, maximum, rule)  # type: ignore[no-untyped-call]
    return y


def _passed_back(y: Tensor, x: Tensor) -> Tensor:
    passed: Tensor = _PassedBack.apply(y, x)  # type: ignore[no-untyped-call]
    return passed


class _Rectified(torch.autograd.Function):
    """min(max(x, 0), maximum), with the rule's way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, maximum: float, rule: Rule) -> Tensor:
        ctx.save_for_backward((x > 0) & (x < maximum))
        ctx.rule = rule
        return x.clamp(0, maximum)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (g,) = gradients
        (passed,) = ctx.saved_tensors
        if ctx.rule in ("gradient", "guided"):
            g = g * passed
        if ctx.rule in ("deconvnet", "guided"):
            g = g.clamp(min=0)
        return g, None, None


class _PassedBack(torch.autograd.Function):
    """The numbers of y, with a gradient that goes to x as it is."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, x: Tensor) -> Tensor:
        return y.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        return None, gradients[0]
