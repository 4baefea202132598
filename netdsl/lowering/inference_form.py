"""The form of a module that only infers: another graph over the same weights, with the same results up to rounding."""

import operator
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.pooling import _AvgPoolNd

from netdsl.geometry import Phases
from netdsl.lowering.to_torch import Compiled, add_submodule, network_of, node_name
from netdsl.modules.activation import ScaledTanh
from netdsl.modules.condition import Condition, ConditionalInstanceNorm
from netdsl.modules.dealt import BlockConv2d, PhaseConv2d, padding
from netdsl.modules.headed import HeadedModule, main_graph
from netdsl.modules.joins import Add
from netdsl.modules.picture_norm import Mixture, PictureNorm
from netdsl.planning.inferring import block, folds
from netdsl.planning.layout import channels_last

WEIGHTED = (_ConvNd, nn.Linear)
"""Layers that are worked out in the form's precision, weights and all."""
WHOLE = (Condition, nn.LocalResponseNorm, nn.AvgPool3d)
"""Layers without weights that stay in the module's: torch has no bfloat16 for them on processors."""
OWN_MEMORY = (*WEIGHTED, _BatchNorm, _AvgPoolNd)
"""Layers whose result is a tensor of its own, never what they take or a view of it."""


def inference_form(module: Compiled, dtype: torch.dtype = torch.float32) -> nn.Module:
    """A module that gives what `module` gives in evaluation, called alike, without gradients.

    Two-dimensional maps have their channels last. A nearest upsampling and the convolution behind it become one on the
    small map, a convolution with few filters one that gives a block of pixels a step; instance norms take a ReLU with
    them and, like ReLUs and sums, write over what nobody else needs. Weights are `module`'s own; what is made of them
    (folded convolutions, tables of conditions, and all convolutions in another `dtype` than theirs) is a copy: make the
    form anew when they change.

    In bfloat16, convolutions and what lies between them have that precision. Statistics of norms, layers with other
    weights, and what comes behind the last convolution keep the module's. Outputs always are in the module's.
    """
    return InferenceForm(module, dtype)


class InferenceForm(nn.Module):
    """A net that stays in evaluation mode."""

    def __init__(self, module: Compiled, dtype: torch.dtype) -> None:
        super().__init__()
        maker = _Maker(module, dtype)
        self.made, self.precision = maker.make(), maker.precision
        self.channels_last = channels_last(network_of(module))
        self.eval()

    def train(self, mode: bool = True) -> "InferenceForm":
        super().train(False)
        return self

    @torch.no_grad()
    def forward(self, x: Tensor, *conditions: Any) -> Any:
        """`x` stays as it is. Outputs have their numbers in the usual order in memory, channel by channel."""
        laid = x.contiguous(memory_format=torch.channels_last) if self.channels_last and x.dim() == 4 else x
        return fx.node.map_aggregate(self.made(laid, *conditions), self._plain)

    def _plain(self, value: Any) -> Any:
        return value.to(self.precision).contiguous() if isinstance(value, Tensor) else value


def _as_dtype(x: Tensor, dtype: torch.dtype) -> Tensor:
    return x.to(dtype) if x.is_floating_point() else x


def _tanh_(x: Tensor, scale: float) -> Tensor:
    return x.tanh_().mul_(scale)


OVER: dict[type[nn.Module], Callable[..., Any]] = {nn.ReLU: torch.relu_, ScaledTanh: _tanh_, Add: operator.iadd}
"""Layers that may write over what they take, and how."""


class _Maker:
    """Goes through a graph once and lays out the other, in which a value stands for each node of the first."""

    def __init__(self, module: Compiled, dtype: torch.dtype) -> None:
        self.graph = main_graph(module.graph, module.final) if isinstance(module, HeadedModule) else module.graph
        self.modules = dict(module.named_modules())
        self.dtype, self.precision = dtype, next((p.dtype for p in module.parameters()), dtype)
        self.root, self.made = nn.Module(), fx.Graph()
        self.values: dict[fx.Node, fx.Node] = {}
        self.dtypes: dict[fx.Node, torch.dtype] = {}
        self.own: set[fx.Node] = set()
        """Nodes whose tensor nothing but their users looks at."""
        self.shared: dict[int, Any] = {id(t): t for t in (*module.parameters(), *module.buffers())}
        self.mixtures: dict[fx.Node, dict[fx.Node, tuple[fx.Node, fx.Node]]] = {}
        self.before_weights = self._before_weights()

    def make(self) -> fx.GraphModule:
        for node in self.graph.nodes:
            if node not in self.values:
                self._add(node)
        self.made.eliminate_dead_code(is_impure_node=lambda node: node.op in ("placeholder", "output"))
        return fx.GraphModule(self.root, self.made, class_name="Inference")

    def _add(self, node: fx.Node) -> None:
        layer = self._layer(node)
        if layer is None:  # the graph's inputs, reshaping, another layer's weight, the output
            if node.op == "get_attr":
                self._share(str(node.target).rpartition(".")[0])
            dtype = next((self.dtypes[n] for n in node.all_input_nodes), self.precision)
            self._give(node, self.made.node_copy(node, lambda n: self.values[n]), dtype)
        elif isinstance(layer, nn.InstanceNorm2d | ConditionalInstanceNorm):
            self._norm(node, layer)
        elif isinstance(layer, nn.Conv2d) and (made := self._conv(node, layer)):
            source, conv = made
            self._give(node, self._call(node, conv, [self._in(source, self.dtype)]), self.dtype, own=True)
        else:
            self._as_it_is(node, layer)

    def _as_it_is(self, node: fx.Node, layer: nn.Module) -> None:
        """The layer itself, or if possible one that writes over what it takes."""
        dtype = self._dtype(node, layer)
        inputs = {n: self._in(n, dtype) for n in node.all_input_nodes}
        over = next((n for n in inputs if self._only_use(n)), None)
        if over is not None and type(layer) in OVER and len(inputs) == len(node.args) <= 2:
            rest = [inputs[n] for n in inputs if n is not over]
            scale = [layer.scale] if isinstance(layer, ScaledTanh) else []
            value = self.made.call_function(OVER[type(layer)], (inputs[over], *rest, *scale))
            self._give(node, value, dtype, own=True)
        elif isinstance(layer, WEIGHTED) and dtype != self.precision:
            self._give(node, self._call(node, deepcopy(layer).to(dtype), list(inputs.values())), dtype, own=True)
        else:
            self._share(str(node.target))
            value = self.made.node_copy(node, lambda n: inputs[n])
            self._give(node, value, dtype, own=isinstance(layer, OWN_MEMORY))

    def _norm(self, node: fx.Node, layer: nn.InstanceNorm2d | ConditionalInstanceNorm) -> None:
        source = node.all_input_nodes[0]
        users = list(node.users)
        relu = len(users) == 1 and type(self._layer(users[0])) is nn.ReLU
        dtype = self._dtype(node, layer)
        norm = PictureNorm(layer.eps, relu, over=self._only_use(source))
        value = self._call(node, norm, [self._in(source, dtype), *self._scale_and_shift(node, layer)])
        for done in (node, users[0]) if relu else (node,):
            self._give(done, value, dtype, own=True)

    def _scale_and_shift(self, node: fx.Node, layer: nn.Module) -> tuple[fx.Node, ...]:
        if isinstance(layer, ConditionalInstanceNorm):
            condition = node.all_input_nodes[1]
            if condition not in self.mixtures:
                self.mixtures[condition] = self._mixture(condition)
            return self.mixtures[condition][node]
        if not isinstance(layer, nn.InstanceNorm2d) or not layer.affine:
            return ()
        self._share(str(node.target))
        weight, bias = (self.made.get_attr(f"{node.target}.{name}") for name in ("weight", "bias"))
        return weight, bias

    def _mixture(self, condition: fx.Node) -> dict[fx.Node, tuple[fx.Node, fx.Node]]:
        """Scale and shift of every norm behind a condition."""
        norms = [n for n in self.graph.nodes if isinstance(self._layer(n), ConditionalInstanceNorm)]
        norms = [n for n in norms if n.all_input_nodes[1] is condition]
        tables = [self.modules[str(n.target)] for n in norms]
        mixture = Mixture([(table.weight, table.bias) for table in tables])
        mixed = self._call(condition, mixture, [self.values[condition]])
        parts = [self.made.call_function(operator.getitem, (mixed, number)) for number in range(2 * len(norms))]
        return dict(zip(norms, zip(parts[::2], parts[1::2], strict=True), strict=True))

    def _conv(self, node: fx.Node, conv: nn.Conv2d) -> tuple[fx.Node, nn.Module] | None:
        """What takes the convolution's place, and on which map it works; None where it stays."""
        if set(conv.stride) != {1}:
            return None
        source = node.all_input_nodes[0]
        scale = _whole_scale(self._layer(source))
        if scale:
            sides = zip(scale, conv.kernel_size, padding(conv), conv.dilation, strict=True)
            if folds([Phases(*side) for side in sides]):
                return source.all_input_nodes[0], PhaseConv2d(conv, scale, self.dtype)
        if conv.groups > 1 or set(conv.dilation) != {1} or conv.weight.device.type != "cpu":
            return None
        side = block(conv.out_channels, conv.kernel_size)
        return (source, BlockConv2d(conv, (side, side), self.dtype)) if side > 1 else None

    def _dtype(self, node: fx.Node, layer: nn.Module) -> torch.dtype:
        plain = isinstance(layer, _BatchNorm | nn.InstanceNorm2d | ConditionalInstanceNorm) or not [*layer.parameters()]
        low = isinstance(layer, WEIGHTED) or (plain and not isinstance(layer, WHOLE))
        return self.dtype if low and node in self.before_weights else self.precision

    def _before_weights(self) -> set[fx.Node]:
        """The layers with weights, and all that one of them is computed from."""
        found: set[fx.Node] = set()
        for node in reversed(self.graph.nodes):
            if isinstance(self._layer(node), WEIGHTED) or any(user in found for user in node.users):
                found.add(node)
        return found

    def _layer(self, node: fx.Node) -> nn.Module | None:
        return self.modules[str(node.target)] if node.op == "call_module" else None

    def _in(self, node: fx.Node, dtype: torch.dtype) -> fx.Node:
        if self.dtypes[node] == dtype:
            return self.values[node]
        return self.made.call_function(_as_dtype, (self.values[node], dtype))

    def _give(self, node: fx.Node, value: fx.Node, dtype: torch.dtype, own: bool = False) -> None:
        self.values[node], self.dtypes[node] = value, dtype
        self.own |= {node} if own else set()

    def _only_use(self, node: fx.Node) -> bool:
        return node in self.own and len(node.users) == 1

    def _call(self, node: fx.Node, layer: nn.Module, inputs: Sequence[fx.Node]) -> fx.Node:
        """A layer that the module has not."""
        name = f"_made.{node_name(node)}"
        add_submodule(self.root, name, layer)
        return self.made.call_module(name, tuple(inputs))

    def _share(self, name: str) -> None:
        """A layer of the module, with the same weights and a mode of its own."""
        add_submodule(self.root, name, deepcopy(self.modules[name], self.shared))


def _whole_scale(layer: nn.Module | None) -> tuple[int, int] | None:
    if not isinstance(layer, nn.Upsample) or layer.mode != "nearest" or not isinstance(layer.scale_factor, tuple):
        return None
    down, across = layer.scale_factor
    return int(down), int(across)
