"""`netdsl reuse`: how much the layers of a densely connected net use the maps of each earlier one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from torch import Tensor, nn

from netdsl.compiler import compile_network
from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.ir.origins import Runs, origins
from netdsl.layers.conv import Conv
from netdsl.layers.linear import Linear
from netdsl.lowering import load_weights, to_torch
from netdsl.seeing.subject import is_run
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.runs.run_folder import whole

Matrix = list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Block:
    """Layers that read maps of the same earlier ones, in order; the last often belongs to what follows the block.

    maps: mean squared weight of each map to each layer, maps x layers, 0 where a layer does not see a map (eq. 4.4)
    runs: how many maps in a row each source has made, in the order of the rows of `maps`
    """

    sources: tuple[str, ...]
    runs: tuple[tuple[str, int], ...]
    layers: tuple[str, ...]
    maps: np.ndarray[Any, np.dtype[np.float64]]
    seen: tuple[frozenset[str], ...]
    """The sources that each layer reads."""

    @property
    def name(self) -> str:
        """Where the layers stand: what their names share; else behind what they read."""
        return _shared(self.layers[:-1] or self.layers) or f"behind {_shared(self.sources) or self.sources[0]}"

    def importance(self) -> Matrix:
        """Mean squared weight from each source (rows) to each layer (columns); None where a layer does not read it."""
        rows: dict[str, list[np.ndarray[Any, np.dtype[np.float64]]]] = {name: [] for name in self.sources}
        at = 0
        for name, count in self.runs:
            rows[name].append(self.maps[at : at + count])
            at += count
        means = {name: np.concatenate(parts).mean(axis=0) for name, parts in rows.items()}
        return [
            [float(means[name][j]) if name in self.seen[j] else None for j in range(len(self.layers))]
            for name in self.sources
        ]

    def scaled(self) -> Matrix:
        """The same with each column's largest at 1, as in the thesis's Fig. 4.25; a column of zeros stays."""
        matrix = self.importance()
        largest = [max(v for v in column if v is not None) or 1.0 for column in zip(*matrix, strict=True)]
        return [[None if v is None else v / m for v, m in zip(row, largest, strict=True)] for row in matrix]


@dataclass(frozen=True, slots=True)
class Reuse:
    net: str
    blocks: tuple[Block, ...]

    def as_json(self) -> Mapping[str, Any]:
        return {
            "net": self.net,
            "blocks": [
                {
                    "name": block.name,
                    "sources": [
                        {"name": name, "maps": sum(n for each, n in block.runs if each == name)}
                        for name in block.sources
                    ],
                    "layers": list(block.layers),
                    "importance": block.importance(),
                    "scaled": block.scaled(),
                }
                for block in self.blocks
            ],
        }


def open_net(
    what: str,
    weights: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    with_rules: str = "",
    best: bool = False,
) -> tuple[Network, nn.Module]:
    """A run's net with its weights, or a net with those of a file: no preprocessing is needed to look at weights.

    Errors: DiagnosticsError with NET600 for weights that are missing or given twice; those of opening a run, of the
        net's text, of reading the weights
    """
    if is_run(what, weights, bool(settings or with_rules)):
        trained = open_run(Path(what), best)
        return trained.network, trained.module
    assert weights is not None
    network = compile_network(what, settings, None, with_rules)
    module = to_torch(network)
    load_weights(module, weights)
    return network, module


def reuse(network: Network, module: nn.Module) -> Reuse:
    """Mean squared weights from every earlier layer to every later one, block by block.

    Which input channels come from which layer is read off the laid-out net, so any net with `concat` or `dense` does.
    A column is a convolution, or a linear layer, whose channels several layers made; a block is the columns whose first
    maps are of one layer: in a DenseNet the block's layers, and its transition or the classifier.
    Errors: DiagnosticsError with NET639 for a net in which no layer reads the maps of several
    Source: the thesis, eq. 4.4 and Fig. 4.25; Huang et al. 2017, arXiv:1608.06993, section 5 and Fig. 5, with mean
        absolute weights in place of squared ones
    """
    made = origins(network)
    readers = {i: made[node.inputs[0]] for i, node in enumerate(network.nodes) if _reads(network, i)}
    leads = {runs[0][0] for runs in readers.values() if len(dict(runs)) > 1}
    if not leads:
        _no_block(network)
    groups: list[dict[int, Runs]] = []
    for index, runs in readers.items():
        if runs[0][0] in leads:
            group = next((g for g in groups if all(_begins_alike(runs, other) for other in g.values())), None)
            if group is None:
                groups.append(group := {})
            group[index] = runs
    joined = [group for group in groups if any(len(dict(runs)) > 1 for runs in group.values())]
    return Reuse(network.name, tuple(_block(network, module, group) for group in joined))


def save_arrays(found: Reuse, path: Path) -> None:
    """The `maps` of each block, `block1` and on, as one .npz file; reports NET551."""
    with whole(path, make_folder=True) as beside, beside.open("wb") as file:
        np.savez(file, **{f"block{n}": block.maps for n, block in enumerate(found.blocks, 1)})  # type: ignore[arg-type]


def _reads(network: Network, index: int) -> bool:
    return isinstance(network.nodes[index].layer, Conv | Linear) and network.nodes[index].repeats is None


def _begins_alike(one: Runs, other: Runs) -> bool:
    """Do two layers read the same maps, the one more of them behind those of the other?"""
    return all(a == b for a, b in zip(one, other, strict=False))


def _block(network: Network, module: nn.Module, readers: Mapping[int, Runs]) -> Block:
    longest = max(readers.values(), key=lambda runs: sum(count for _, count in runs))
    total = sum(count for _, count in longest)
    columns = []
    for index, runs in readers.items():
        column = np.zeros(total)
        squares = _squares(module.get_submodule(network.module_name(index)), sum(count for _, count in runs))
        column[: len(squares)] = squares.numpy()
        columns.append(column)
    named = tuple((network.nodes[source].name, count) for source, count in longest)
    return Block(
        tuple(dict.fromkeys(name for name, _ in named)),
        named,
        tuple(network.nodes[index].name for index in readers),
        np.stack(columns, axis=1),
        tuple(frozenset(network.nodes[source].name for source, _ in runs) for runs in readers.values()),
    )


def _squares(layer: nn.Module, channels: int) -> Tensor:
    """The mean over filters and places of the squared weights to each channel; weights that groups leave out are 0."""
    weight = layer.get_parameter("weight").detach().double().cpu()
    groups = int(getattr(layer, "groups", 1))
    if groups == 1:
        return weight.reshape(len(weight), channels, -1).square().mean(dim=(0, 2))
    own = weight.reshape(groups, len(weight) // groups, channels // groups, prod(weight.shape[2:]))
    return own.square().mean(dim=(1, 3)).flatten() / groups


def _shared(names: Sequence[str]) -> str:
    """The dotted parts that names begin with."""
    parts = [name.split(".")[:-1] for name in names]
    same = []
    for each in zip(*parts, strict=False):
        if len(set(each)) > 1:
            break
        same.append(each[0])
    return ".".join(same)


def _no_block(network: Network) -> NoReturn:
    fail(
        "NET639",
        f"no layer of `{network.name}` reads the maps of several earlier ones",
        expected="a net with `dense` or `concat` in it, such as densenet",
        found="layers that each read what one layer before them made",
    )
