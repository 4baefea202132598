"""The loss of a picture that is looked at tile by tile: the same numbers and gradients, with the memory of a tile."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from netdsl.style.iterative.objective import Losses, Objective, Style, Terms
from netdsl.style.iterative.windows import Window, windows
from netdsl.style.loss.losses import gram_sum, widened
from netdsl.style.loss.network import LossNetwork

Grams = dict[str, list[Tensor]]
"""Of each layer: a matrix for each region, or what a tile adds to it."""
Places = dict[str, list[tuple[Tensor | None, Tensor]]]
"""Of each layer and each region: how much every place of its map counts, None for all alike, and the sum of that."""


class TiledObjective(Objective):
    """An `Objective` whose feature maps are never whole, but for those of the content, in the net's number format.

    Gram matrices belong to the whole picture. So every tile is looked at twice: once for its part of their sums, and,
    when what the loss thinks of each matrix is known, once more for its part of the gradient. With a halo as wide as
    the net's reach each place of a map is computed in one tile, from all that it sees, and nothing but rounding is
    lost. Tiles lie elsewhere at each call, so that rounding leaves no trace at their borders either.
    """

    def __init__(
        self,
        network: LossNetwork,
        terms: Terms,
        content: Tensor | None,
        styles: Sequence[Style],
        tile: int,
        seed: int = 0,
    ) -> None:
        """`tile` is in pixels, a side; `seed` is for the places of tiles."""
        self._tile = tile
        self._random = torch.Generator().manual_seed(seed)
        super().__init__(network, terms, content, styles)

    def __call__(self, picture: Tensor) -> Losses:
        if self.network is None:
            return super().__call__(picture)
        jump = self.network.jump
        down, right = torch.randint(_rounded(self._tile, jump) // jump, (2,), generator=self._random).tolist()
        content, style = _Gathered.apply(
            picture, self, self._windows(self.network, picture, (down * jump, right * jump))
        )  # type: ignore[no-untyped-call]
        return self.weighted(picture, content, style)

    def places(self, size: Sequence[int]) -> Places:
        """Of a picture of that height and width."""
        assert self.network is not None
        found: Places = {}
        for layer in self.styles:
            height, width = (side // self.network.jumps[layer] for side in size)
            parts = self.parts((height, width))
            found[layer] = [(p, torch.tensor(float(height * width)) if p is None else p.sum()) for p in parts]
        return found

    def share(self, seen: Tensor, window: Window, places: Places) -> tuple[Tensor, Grams]:
        """What a window, of which the pixels are `seen`, adds to the content loss and to the Gram matrices."""
        assert self.network is not None
        maps = _own(self.network, seen, window)
        content = seen.new_zeros(())
        grams: Grams = {}
        for layer, found in maps.items():
            jump = self.network.jumps[layer]
            here = (..., window.rows.of_map(jump), window.columns.of_map(jump))
            if layer in self.content:
                target, factor = self.content[layer]
                content = content + factor / target.numel() * (widened(found) - widened(target[here])).square().sum()
            if layer in self.styles:
                grams[layer] = [
                    gram_sum(found, None if part is None else part[here]) / whole.to(found.device)
                    for part, whole in places[layer]
                ]
        return content, grams

    def _maps(self, network: LossNetwork, picture: Tensor) -> Mapping[str, Tensor]:
        rows: dict[str, list[list[Tensor]]] = {layer: [] for layer in network.layers}
        for window in self._windows(network, picture):
            for layer, found in _own(network, pixels(picture, window), window).items():
                if window.columns.start == 0:
                    rows[layer].append([])
                rows[layer][-1].append(found)
        return {layer: torch.cat([torch.cat(row, 3) for row in found], 2) for layer, found in rows.items()}

    def _grams(self, network: LossNetwork, picture: Tensor) -> Mapping[str, Tensor]:
        sums: dict[str, Tensor] = {}
        places = dict.fromkeys(network.layers, 0)
        for window in self._windows(network, picture):
            for layer, found in _own(network, pixels(picture, window), window).items():
                sums[layer] = gram_sum(found) + sums.get(layer, 0.0)
                places[layer] += found[0, 0].numel()
        return {layer: found / places[layer] for layer, found in sums.items()}

    def _windows(self, network: LossNetwork, picture: Tensor, shift: tuple[int, int] = (0, 0)) -> list[Window]:
        size = (picture.shape[2], picture.shape[3])
        return list(windows(size, _rounded(self._tile, network.jump), network.halo, network.jump, shift))


class _Gathered(torch.autograd.Function):
    """Content and style loss of a picture, without their weights: sums forward, gradients backward."""

    @staticmethod
    def forward(ctx: Any, picture: Tensor, objective: TiledObjective, seen: list[Window]) -> tuple[Tensor, Tensor]:
        places = objective.places(picture.shape[-2:])
        content = picture.new_zeros(())
        grams: Grams = {}
        for window in seen:
            added, shares = objective.share(pixels(picture, window), window, places)
            content = content + added
            for layer, found in shares.items():
                grams[layer] = [b + s for b, s in zip(grams[layer], found, strict=True)] if layer in grams else found
        for found in grams.values():
            for gram in found:
                gram.requires_grad_()
        with torch.enable_grad():
            style = objective.style_of(grams)
        if style.requires_grad:
            style.backward()  # type: ignore[no-untyped-call]
        ctx.save_for_backward(picture)
        ctx.objective, ctx.seen, ctx.places = objective, seen, places
        ctx.wanted = {layer: [gram.grad for gram in found] for layer, found in grams.items()}
        return content, style.detach().to(content)

    @staticmethod
    def backward(ctx: Any, *weights: Tensor) -> tuple[Tensor, None, None]:
        """A Gram matrix counts as the loss's derivative by it says: a sum over places, so each tile has its part."""
        (picture,) = ctx.saved_tensors
        gradient = torch.zeros_like(picture)
        for window in ctx.seen:
            with torch.enable_grad():
                leaf = pixels(picture, window).detach().requires_grad_()
                content, grams = ctx.objective.share(leaf, window, ctx.places)
                part = weights[0] * content
                for layer, found in grams.items():
                    for gram, wanted in zip(found, ctx.wanted[layer], strict=True):
                        part = part + weights[1] * (gram * wanted).sum()
            pixels(gradient, window).add_(torch.autograd.grad(part, leaf)[0])
        return gradient, None, None


def pixels(picture: Tensor, window: Window) -> Tensor:
    """What of a picture is looked at for a tile."""
    return picture[..., window.rows.seen, window.columns.seen]


def _own(network: LossNetwork, seen: Tensor, window: Window) -> dict[str, Tensor]:
    """The parts of the feature maps that belong to a tile."""
    jumps = network.jumps
    return {
        layer: found[..., window.rows.of_seen_map(jumps[layer]), window.columns.of_seen_map(jumps[layer])]
        for layer, found in network(seen).items()
    }


def _rounded(tile: int, jump: int) -> int:
    return -(-tile // jump) * jump
