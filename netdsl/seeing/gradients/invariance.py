"""How much features change when the image is shifted, made larger or turned."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import torch
from torch import Tensor
from torch.nn import functional

from netdsl.ir.network import Network
from netdsl.ir.parts import upstream

Watch = Callable[[int, int], None]
BATCH = 32


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change and how much of it: pixels downwards, a factor, degrees against the clock."""

    name: str
    unit: str
    amounts: tuple[float, ...]

    def matrices(self, size: Sequence[int]) -> Tensor:
        """For each amount, 2 x 3: from places of the result to places of the image, as `affine_grid` has it."""
        height, width = size
        rows = []
        for amount in self.amounts:
            if self.name == "shift":
                rows.append([[1, 0, 0], [0, 1, -2 * amount / height]])
            elif self.name == "scale":
                rows.append([[1 / amount, 0, 0], [0, 1 / amount, 0]])
            else:
                c, s = cos(amount * pi / 180), sin(amount * pi / 180)
                rows.append([[c, -s * height / width, 0], [s * width / height, c, 0]])
        return torch.tensor(rows, dtype=torch.float64)


def changes(size: Sequence[int]) -> tuple[Change, ...]:
    """The three of ZFNet's figure 5: shifts by up to a quarter of the height, scales up to 1.8, a full turn."""
    most = max(1, round(0.25 * size[0]))
    shifts = sorted({round(most * n / 12) for n in range(-12, 13)})
    return (
        Change("shift", "pixels", tuple(map(float, shifts))),
        Change("scale", "factor", tuple(round(1 + 0.05 * n, 2) for n in range(17))),
        Change("turn", "degrees", tuple(range(0, 361, 10))),
    )


def changed(image: Tensor, change: Change) -> Tensor:
    """The image (C x height x width, normalized) changed by each amount; what comes in from outside is 0, the mean."""
    matrices = change.matrices(image.shape[1:]).to(image)
    grid = functional.affine_grid(matrices, [len(matrices), *image.shape], align_corners=False)
    many = image.expand(len(matrices), -1, -1, -1)
    return functional.grid_sample(many, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


@dataclass(frozen=True, slots=True)
class Curves:
    """Of one image under one change, for each amount: distances of the features by tag, and the class's probability."""

    change: Change
    distances: dict[str, list[float]]
    probabilities: list[float]


def curves(
    tapped: Callable[[Tensor], dict[str, Tensor]], at: Sequence[str], scores: str, image: Tensor, target: int
) -> Iterator[Curves]:
    """For each change, how far the features `at` are from those of the image as it is, and how likely `target` is.

    tapped: the maps of the tags `at` and the classes' scores under the name `scores`, as `feature_maps` gives them
    Distances are Euclidean, over the length of the features of the image as it is: 1 is as far as a black-out of all
    features, sqrt(2) as far as features that have nothing in common and the same length.
    Source: Zeiler & Fergus 2014, arXiv:1311.2901, section 4.1 and figure 5, which has the distances without a unit
    """
    with torch.no_grad():
        still = tapped(image[None])
        for change in changes(image.shape[1:]):
            many = changed(image, change)
            distances: dict[str, list[float]] = {name: [] for name in at}
            probabilities: list[float] = []
            for start in range(0, len(many), BATCH):
                maps = tapped(many[start : start + BATCH])
                for name in at:
                    away = (maps[name] - still[name]).flatten(1).norm(dim=1)
                    length = still[name].norm().clamp(min=torch.finfo(image.dtype).tiny)
                    distances[name] += (away / length).tolist()
                likely = maps[scores].flatten(2).mean(2) if maps[scores].dim() > 2 else maps[scores]
                probabilities += likely.softmax(1)[:, target].tolist()
            yield Curves(change, distances, probabilities)


def two_places(network: Network) -> list[str]:
    """A low and a high place of a net: its first and its last tag that has a map.

    Without two tags what the first layer with weights gives and what the last one takes: one and the same layer's
    output where there is but one.
    """
    maps = sorted((tag.node, name) for name, tag in network.tags.items() if network.nodes[tag.node].output.size)
    if len(maps) >= 2:
        return [maps[0][1], maps[-1][1]]
    weighted = sorted(i for i in upstream(network, network.output_node) if network.nodes[i].layer.weighted)
    if not weighted:
        return [network.nodes[network.output_node].name]
    high = network.nodes[weighted[-1]].inputs[0] if len(weighted) > 1 else weighted[0]
    return list(dict.fromkeys(network.nodes[i].name for i in (weighted[0], high)))
