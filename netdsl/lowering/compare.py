"""Every row of a network against torch itself: shapes, parameters, buffers, MACs, on the meta device."""

from dataclasses import dataclass

import torch
import torchinfo
from torch import fx, nn
from torch.utils.flop_counter import FlopCounterMode

from netdsl.ir.network import Network, Node
from netdsl.lowering.to_torch import node_name, to_torch

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, a line each, and the verdict in one line."""

    differences: tuple[str, ...]
    verdict: str


class _Counted(fx.Interpreter):
    """Runs a module node by node and keeps each submodule's output shape and MACs."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.rows: dict[str, tuple[tuple[int, ...], int]] = {}

    def run_node(self, n: fx.Node) -> object:
        counter = FlopCounterMode(display=False)
        with counter:
            result = super().run_node(n)
        if n.op == "call_module":
            self.rows[node_name(n)] = (tuple(result.shape[1:]), counter.get_total_flops() // 2)
        return result


def compare(network: Network) -> Comparison:
    """Lower the net on the meta device and compare each row with torch's counters, the totals with torchinfo's.

    torchinfo's multiply-adds have biases and norms in them, which are taken away first.
    """
    with torch.device("meta"):
        lowered = to_torch(network).eval()
        module = fx.GraphModule(lowered, lowered.graph).eval()  # heads run too
        given = [torch.empty(1, *network.input.shape), *(torch.zeros(1, dtype=torch.long) for _ in network.conditions)]
    counted = _Counted(module)
    with torch.no_grad():
        counted.run(*given)
    differences = []
    for node, counts in zip(network.nodes[1:], network.counts[1:], strict=True):
        layer = module.get_submodule(node.name) if node.repeats is None else nn.Module()
        shape, macs = counted.rows[node.name]
        rows = (
            ("output", node.output.shape, shape),
            ("params", counts.params, _numbers(layer.parameters())),
            ("buffers", counts.buffers, _numbers(layer.buffers())),
            ("MACs", counts.macs, macs),
        )
        differences += [f"{node.name}: {what} {ours}, torch {theirs}" for what, ours, theirs in rows if ours != theirs]
    differences += _against_torchinfo(network, module, given)
    if differences:
        more = len(differences) - MOST_SHOWN
        shown = (*differences[:MOST_SHOWN], *([f"... and {more} more"] if more > 0 else []))
        return Comparison(shown, f"{len(differences)} differences from torch {torch.__version__}")
    return Comparison(
        (),
        f"verified: {len(network.nodes) - 1} rows equal those of torch {torch.__version__} on the meta device (shapes, "
        f"parameters, buffers, MACs), the totals those of torchinfo {torchinfo.__version__} without its biases",
    )


def _numbers(tensors: object) -> int:
    return sum(t.numel() for t in tensors)  # type: ignore[attr-defined]


def _against_torchinfo(network: Network, module: nn.Module, given: list[torch.Tensor]) -> list[str]:
    result = torchinfo.summary(module, input_data=given, verbose=0, depth=100)
    places = range(1, len(network.nodes))
    extra = sum(_too_much(network.nodes[i], module.get_submodule(network.module_name(i))) for i in places)
    totals = (
        ("parameters", network.params, result.total_params),
        ("MACs", sum(row.macs for row in network.counts), result.total_mult_adds - extra),
    )
    return [f"total {what}: {ours:,}, torchinfo {theirs:,}" for what, ours, theirs in totals if ours != theirs]


def _too_much(node: Node, layer: nn.Module) -> int:
    """What torchinfo counts beyond multiply-accumulates: all parameters, times the output's places in convolutions."""
    numbers = {name: parameter.numel() for name, parameter in layer.named_parameters()}
    weight, bias = numbers.get("weight", 0), numbers.get("bias", 0)
    places = node.output.numel // node.output.channels
    if node.layer.name in ("conv", "conv_table"):
        return places * bias
    if node.layer.name == "conv_transpose":  # the weights meet each place of the input, not of the output
        places_in: int = node.x.numel // node.x.channels
        return places * (weight + bias) - places_in * weight
    if node.layer.name == "tied":  # its weight is another module's
        return places * bias - node.layer.macs(node.x)
    return bias if node.layer.weighted else sum(numbers.values())
