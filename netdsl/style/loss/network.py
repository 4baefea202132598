"""The loss network: a net of the literature, cut behind the last layer that a loss looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, fx, nn

from netdsl.compiler import compile_network
from netdsl.diagnostics import fail
from netdsl.ir.network import Field, Network
from netdsl.layers.activation import ReLU
from netdsl.lowering import feature_maps, to_torch
from netdsl.lowering.take_weights import take_weights
from netdsl.style.loss.weights import LossWeights, Preprocessing

NETS = ("vgg19", "vgg16")
"""The bundled nets, of which the first that the weights fit is taken."""


@dataclass(frozen=True, slots=True)
class LossNetwork:
    """A net that is not trained any more, whose feature maps say what two pictures have in common.

    A layer goes by the tag of its convolution, `conv4_2`, and its map is taken behind the rectifier, as in Caffe and
    Keras, where the thesis's names are from; `relu4_2` is the same map.
    """

    network: Network
    module: fx.GraphModule
    layers: Mapping[str, str]
    """The node of each layer."""
    preprocessing: Preprocessing
    dtype: torch.dtype

    def __call__(self, picture: Tensor) -> dict[str, Tensor]:
        """Feature maps by layer, images x channels x height x width in the net's number format.

        `picture` is images x 3 x height x width, RGB from 0 to 255; gradients pass to it. The memory of what comes
        back is `channels_last`, the picture's own stays as it is: torch's L-BFGS takes a contiguous one only.
        """
        x = self.preprocessing(picture).to(_entrance(self.dtype)).contiguous(memory_format=torch.channels_last)
        maps: dict[str, Tensor] = self.module(x)
        return {layer: maps[node] for layer, node in self.layers.items()}

    @property
    def jumps(self) -> dict[str, int]:
        """Pixels of the picture between two neighbouring places of each layer's map."""
        return {layer: _whole(field.jump[0]) if field.jump else 1 for layer, field in self._fields().items()}

    @property
    def jump(self) -> int:
        """The largest of them, of which the others are divisors."""
        return max(self.jumps.values())

    @property
    def halo(self) -> int:
        """How many pixels beyond its own a place of any of the maps sees, to each side; a multiple of `jump`.

        The nets' convolutions are padded evenly and their pools not at all, so a field lies around its place's pixels.
        """
        beyond = max(field.size[0] - self.jumps[layer] for layer, field in self._fields().items())
        return -(-beyond // (2 * self.jump)) * self.jump

    def _fields(self) -> dict[str, Field]:
        fields = {node.name: field for node, field in zip(self.network.nodes, self.network.fields, strict=True)}
        return {layer: fields[node] for layer, node in self.layers.items()}

    def cut(self, layers: Iterable[str]) -> "LossNetwork":
        """The same weights, for these of the layers, and nothing computed behind the last of them."""
        kept = {layer: self.layers[layer] for layer in layers}
        module = feature_maps(self.module, list(dict.fromkeys(kept.values())))
        return LossNetwork(self.network, module, kept, self.preprocessing, self.dtype)


def loss_network(
    weights: LossWeights,
    layers: Iterable[str],
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> LossNetwork:
    """The net that the weights are for, as far as the `layers` need it, on `device`, with no gradient for its weights.

    Errors: DiagnosticsError with NET209 for a layer that is neither tag nor node, NET656 where the weights fit no net
    """
    wanted = list(dict.fromkeys(layers))
    for net in NETS:
        network = compile_network(net)
        with torch.device("meta"):
            whole = to_torch(network)
        own = whole.state_dict()
        taken = take_weights(network, own, weights.tensors).tensors
        nodes = {layer: _node(network, layer) for layer in wanted} if taken or net == NETS[-1] else {}
        module = feature_maps(whole, list(dict.fromkeys(nodes.values())))
        needed = module.state_dict()
        if nodes and needed.keys() <= taken.keys():
            module.load_state_dict({name: weights.tensors[taken[name]].float() for name in needed}, assign=True)
            return LossNetwork(network, _placed(module, dtype, device), nodes, weights.preprocessing, dtype)
    return fail(
        "NET656",
        f"the weights of `{weights.origin}` are not those of a loss network",
        expected=f"the convolutions of {' or '.join(NETS)} up to the last layer of a loss, under torchvision's keys",
        found=_found(weights.tensors),
    )


def _whole(jump: int | Fraction) -> int:
    assert int(jump) == jump  # nothing in a loss network enlarges a map
    return int(jump)


def _node(network: Network, layer: str) -> str:
    """The node whose map a layer stands for: the rectifier behind a convolution that has one."""
    name = layer
    if layer.startswith("relu") and layer not in {node.name for node in network.nodes}:
        name = "conv" + layer.removeprefix("relu")
    place = network.tags.get(name)
    numbers = {node.name: number for number, node in enumerate(network.nodes)}
    number = place.node if place is not None else numbers.get(name)
    if number is None:
        return layer  # for `feature_maps` to refuse, with the nearest name
    users = [node for node in network.nodes if number in node.inputs]
    if len(users) == 1 and isinstance(users[0].layer, ReLU):
        return users[0].name
    return network.nodes[number].name


def _placed(module: nn.Module, dtype: torch.dtype, device: torch.device | str) -> fx.GraphModule:
    for layer in module.modules():
        if isinstance(layer, nn.ReLU):  # behind a convolution, which needs its own result no more
            layer.inplace = True
    placed: fx.GraphModule = module.to(device=device, dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if dtype != _entrance(dtype):
        first = next(node for node in placed.graph.nodes if node.op == "call_module")
        placed.get_submodule(str(first.target)).to(_entrance(dtype))
        with placed.graph.inserting_after(first):
            narrowed = placed.graph.call_method("to", (first, dtype))
        first.replace_all_uses_with(narrowed)
        narrowed.args = (first, dtype)
        placed.recompile()
    return placed.eval().requires_grad_(False)


def _entrance(dtype: torch.dtype) -> torch.dtype:
    """What the first convolution computes in.

    A colour of 0 to 255 in bfloat16 is off by up to half a step of a byte, and the steps of a picture that is nearly
    fitted are smaller: a net that sees it rounded does not see them. Its three channels cost next to nothing.
    """
    return torch.float32 if dtype.itemsize < torch.float32.itemsize else dtype


def _found(tensors: Mapping[str, Tensor]) -> str:
    shown = [f"{name} {'x'.join(map(str, tensor.shape)) or 'a number'}" for name, tensor in list(tensors.items())[:3]]
    more = f" and {len(tensors) - 3:,} more" if len(tensors) > 3 else ""
    return ", ".join(shown) + more
