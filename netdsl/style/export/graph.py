"""What is exported of a net: its module with all that belongs to it, the names of its inputs and outputs, its sizes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from netdsl.compiler import compile_network
from netdsl.data import Normalization
from netdsl.diagnostics import DiagnosticsError, fail
from netdsl.ir.network import Network
from netdsl.lowering import load_weights
from netdsl.style.fast.opened import FastNet, open_fast
from netdsl.style.fast.styles import names_of, run_config
from netdsl.style.pictures.padding import fitting_size
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.learning.normalize import VGG
from netdsl.tasks.runs.net_source import NetSource, build

SMALLEST = 16
"""Pixels of a side of the smallest picture that is painted."""

Sizes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """A module in evaluation mode as it is exported.

    inputs, outputs: names in the order in which the module takes and gives them
    shapes: of each input behind the images' axis, at the size that it is exported at; `free` has the names of open axes
    trials: sizes of the first input that the exported net is tried at
    reference: what torch gives for the same inputs, by another way where there is one
    sizes: in words, which sizes of the first input it takes; levels: the first input is a picture of 0 to 255
    """

    network: Network
    module: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    free: Mapping[int, str]
    trials: Sizes
    reference: Callable[..., Any]
    sizes: str
    levels: bool
    facts: Mapping[str, str] = field(default_factory=dict)


class Painting(nn.Module):
    """A pastiche net for pictures N x 3 x H x W from 0 to 255, and weights of its styles, N x styles or 1 x styles.

    Any size from the net's smallest on: mirrored up to the net's multiple on the right and below, and cut back.
    """

    def __init__(self, module: nn.Module, step: int) -> None:
        super().__init__()
        self.net, self.step = module, step
        self.mean: Tensor
        self.register_buffer("mean", torch.tensor(VGG.mean).view(1, -1, 1, 1))

    def forward(self, picture: Tensor, *weights: Tensor) -> Tensor:
        x = picture - self.mean
        for axis in (2, 3):  # with no choice between padding and none, so that the graph holds for every size
            have = picture.shape[axis]
            places = torch.arange((have + self.step - 1) // self.step * self.step, device=x.device)
            x = x.index_select(axis, torch.minimum(places, 2 * have - 2 - places))
        y: Tensor = self.net(x, *weights)
        for axis in (2, 3):
            y = y.index_select(axis, torch.arange(picture.shape[axis], device=y.device))
        return (y + self.mean).clamp(0, 255)


class Normalized(nn.Module):
    """A net for images of 0 to 255, channel by channel normalized as in its training."""

    def __init__(self, module: nn.Module, normalization: Normalization) -> None:
        super().__init__()
        self.net = module
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.tensor(normalization.mean).view(1, -1, 1, 1))
        self.register_buffer("scale", 1 / torch.tensor(normalization.std).view(1, -1, 1, 1))

    def forward(self, picture: Tensor) -> Any:
        return self.net((picture - self.mean) * self.scale)


def graph_of_run(run: Path, best: bool = False) -> Graph:
    """Of a run's last weights, or of its best: `picture` and `weights` to `painted`, or `picture` to `scores`.

    Errors: DiagnosticsError with those of `open_fast` and `open_run`, NET664 for what has no graph
    """
    if names_of(run_config(run)):
        return _painting(open_fast(run, "cpu", "fp32"))
    trained = open_run(run, best)
    if not isinstance(trained.normalization, Normalization) or trained.network.conditions:
        fail(
            "NET664",
            f"the images of `{run}` are made ready in a way that is not exported",
            expected="a mean and a deviation for each channel, and no condition",
            found="a condition" if trained.network.conditions else "whitening",
        )
    network, module = _left_open(trained.source, trained.network, trained.module)
    graph = _plain(network, Normalized(module, trained.normalization), "picture")
    classes = trained.choice.class_names
    return replace(graph, levels=True, facts={"classes": json.dumps(classes)})


def graph_of_net(net: str, settings: Mapping[str, Any], with_rules: str, weights: Path | None, seed: int) -> Graph:
    """Of a net as it takes its input: `x` and its conditions; without `weights` they are random."""
    network = compile_network(net, settings, None, with_rules)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = build(network)
    if weights is not None:
        load_weights(module, weights)
    return _plain(network, module, "x")


def _painting(net: FastNet) -> Graph:
    network, module = _left_open(net.source, net.network, net.module)
    least, step = _multiple(network)
    whole = Painting(module.eval(), step).eval()
    styles = len(net.names) if net.conditioned else 0
    start = max(least, 4 * step)
    return Graph(
        network,
        whole,
        ("picture", "weights") if styles else ("picture",),
        ("painted",),
        ((3, start + 2, start + 7), (styles,))[: 2 if styles else 1],
        {2: "height", 3: "width"},
        ((start + 3 * step + 1, least), (start + 5, start + 2 * step)),
        net,
        f"height and width from {least} on",
        True,
        {"styles": json.dumps(net.names)},
    )


def _plain(network: Network, module: nn.Module, first: str) -> Graph:
    letters = network.open_sizes.rules if network.open_sizes is not None else {}
    free = {axis + 2: letter for letter, rule in letters.items() for axis in rule.axes}
    sizes = [_three_sizes(network, axis) for axis in range(len(network.input.size))]
    example, *trials = (tuple(each[n] for each in sizes) for n in range(3))
    conditions = [network.nodes[n] for n in network.conditions.values()]
    return Graph(
        network,
        module.eval(),
        (first, *(node.name for node in conditions)),
        network.final_heads or ("scores" if first == "picture" else "y",),
        ((network.input.channels, *example), *((node.output.channels,) for node in conditions)),
        free,
        tuple(trials),
        module,
        network.open_sizes.conditions or "any size" if network.open_sizes is not None else f"{network.input} only",
        False,
    )


def _left_open(source: NetSource, network: Network, module: nn.Module) -> tuple[Network, nn.Module]:
    """The net with the sizes that its own text leaves open, which a run is laid out at, and the same weights."""
    try:
        wide = replace(source, image=None).compile()
    except DiagnosticsError:  # a net typed out without an input
        return network, module
    with torch.device("meta"):
        made = build(wide)
    own = module.state_dict()
    if {name: t.shape for name, t in made.state_dict().items()} != {name: t.shape for name, t in own.items()}:
        return network, module
    made.load_state_dict(own, assign=True)
    return wide, made


def _multiple(network: Network) -> tuple[int, int]:
    """The least size of a picture that is painted, and what its padded height and width are multiples of."""
    least = fitting_size(network, (SMALLEST, SMALLEST))[0]
    step = fitting_size(network, (least + 1, least + 1))[0] - least
    least = max(SMALLEST, least - step + 1, step)
    tried = {n: fitting_size(network, (n, n)) for n in range(least, least + 3 * step)}
    if any(size != (-(-n // step) * step,) * 2 for n, size in tried.items()):
        fail(
            "NET664",
            f"`{network.name}` takes sizes that no padding of the exported net could make",
            expected="multiples of one number",
            found=", ".join(f"{n} to {height}x{width}" for n, (height, width) in tried.items()),
        )
    return least, step


def _three_sizes(network: Network, axis: int) -> tuple[int, int, int]:
    """Different ones that the net takes along an axis where it leaves it open, not the smallest; else its own."""
    for rule in network.open_sizes.rules.values() if network.open_sizes is not None else ():
        if axis in rule.axes:
            start = rule.smallest + 2 * rule.step + 8 * (axis + 1)
            held = (size for size in range(start, start + 100 * rule.step) if rule.holds(size))
            return next(held), next(held), next(held)
    return (network.input.size[axis],) * 3
