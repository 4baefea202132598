"""One number for each image that a gradient is taken of: a class's score, or a feature at one place."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, fx

from netdsl.lowering.taps import feature_maps
from netdsl.lowering.to_torch import Compiled
from netdsl.seeing.gradients.rules import Rule, with_rule

Score = Callable[[Tensor], Tensor]
"""Feature maps, images x channels x *size, to a number for each image."""


class Explained:
    """A net up to one node, with a way back to its input."""

    def __init__(self, module: Compiled, at: str, rule: Rule = "gradient") -> None:
        """`module` in evaluation mode: a batch norm in training mode would tie the images of a batch together."""
        assert not module.training
        self.at = at
        self.graph: fx.GraphModule = with_rule(feature_maps(module, [at]), rule)

    def __call__(self, x: Tensor) -> Tensor:
        maps: Tensor = self.graph(x)[self.at]
        return maps

    def gradient(self, x: Tensor, score: Score) -> tuple[Tensor, Tensor]:
        """What `score` changes by with each number of the input, and the scores: N x C x *size and N."""
        given = x.detach().clone().requires_grad_()
        with torch.enable_grad():
            scores = score(self(given))
            (found,) = torch.autograd.grad(scores.sum(), given)
        return found, scores.detach()


def mean(channels: Sequence[int]) -> Score:
    """Each image's own channel, averaged over its map: a class's score, also of a larger image."""

    def score(maps: Tensor) -> Tensor:
        return _chosen(maps, channels).mean(1)

    return score


def strongest(channels: Sequence[int]) -> Score:
    """Each image's own channel at the place where it is strongest: the first of them, if there are several."""

    def score(maps: Tensor) -> Tensor:
        return _chosen(maps, channels).max(1).values

    return score


def units(numbers: Sequence[int]) -> Score:
    """One unit of each image's map, by its number in the map laid out flat: channel * places + place."""

    def score(maps: Tensor) -> Tensor:
        flat = maps.flatten(1)
        return flat[torch.arange(len(flat), device=flat.device), torch.as_tensor(numbers, device=flat.device)]

    return score


def centre(channels: Sequence[int]) -> Score:
    """Each image's own channel at the middle of the map."""

    def score(maps: Tensor) -> Tensor:
        return _chosen(maps, channels)[:, middle(maps.shape[2:])]

    return score


def probabilities(module: Compiled, at: str, x: Tensor) -> Tensor:
    """Images x classes, of the classes whose scores, averaged over their maps, are those of the node `at`."""
    with torch.no_grad():
        maps: Tensor = feature_maps(module, [at])(x)[at]
    return maps.reshape(*maps.shape[:2], -1).mean(2).softmax(1)


def middle(size: Sequence[int]) -> int:
    """The number of the unit in the middle of a map, counted row by row."""
    place = 0
    for n in size:
        place = place * n + n // 2
    return place


def _chosen(maps: Tensor, channels: Sequence[int]) -> Tensor:
    """Images x places; a vector is a map of one place."""
    images = torch.arange(len(maps), device=maps.device)
    return maps.reshape(*maps.shape[:2], -1)[images, torch.as_tensor(channels, device=maps.device)]
