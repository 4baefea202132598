"""The total loss of a picture, equation 5.10, against targets that are computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from netdsl.style.iterative.settings import CONTENT_LAYERS, STYLE_LAYERS
from netdsl.style.loss.losses import BYTES, content_loss, gram_matrix, mean_square, style_loss, total_variation
from netdsl.style.loss.network import LossNetwork


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts how much.

    content_layers, style_layers: a weight for each layer
    content, style, variation: the weights of the three losses (lambda in the thesis); 0 leaves a loss out
    relative: each layer's loss is divided by the mean square of its target (features or Gram matrix), the layers'
    weights by their sum, and the variation is taken of pixels from 0 to 1: weights then mean the same in every layer,
    net and picture. Without, the numbers are the equations' own.
    """

    content_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(CONTENT_LAYERS, 1.0))
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STYLE_LAYERS, 1.0))
    content: float = 1.0
    style: float = 1.0
    variation: float = 0.0
    relative: bool = True

    def layers(self) -> tuple[str, ...]:
        """All that a loss looks at, each once."""
        wanted = {**(self.content_layers if self.content else {}), **(self.style_layers if self.style else {})}
        return tuple(wanted)


@dataclass(frozen=True, slots=True)
class Style:
    """A picture whose style is wanted, 1 x 3 x height x width from 0 to 255, of any size.

    region: where in the painted picture, height x width from 0 to 1; everywhere without
    """

    picture: Tensor
    weight: float = 1.0
    region: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Losses:
    """The three losses, each times its weight, and their sum: numbers with gradients."""

    content: Tensor
    style: Tensor
    variation: Tensor

    @property
    def total(self) -> Tensor:
        return self.content + self.style + self.variation


@dataclass(frozen=True, slots=True)
class Target:
    """A Gram matrix to come near to, what its loss is multiplied with, and where: a place in `Objective.regions`."""

    gram: Tensor
    factor: float
    region: int


class Objective:
    """The loss of a picture against the content of one and the styles of others, either of which may be missing."""

    def __init__(self, network: LossNetwork, terms: Terms, content: Tensor | None, styles: Sequence[Style]) -> None:
        self.network = network.cut(terms.layers()) if terms.layers() else None
        self.terms = terms
        self.content: dict[str, tuple[Tensor, float]] = {}
        self.styles: dict[str, list[Target]] = {layer: [] for layer in terms.style_layers if terms.style}
        self.regions: list[Tensor | None] = []
        """Where styles go, each place once; None is everywhere."""
        with torch.no_grad():
            if content is not None and terms.content:
                maps = self._maps(network.cut(terms.content_layers), content)
                for layer, weight in self._weights(terms.content_layers):
                    self.content[layer] = maps[layer], weight / self._unit(maps[layer])
            for style in styles if terms.style else ():
                self._add(self._grams(network.cut(terms.style_layers), style.picture), style)

    def __call__(self, picture: Tensor) -> Losses:
        """`picture` is 1 x 3 x height x width from 0 to 255; of the content's size, if there is one."""
        maps = self.network(picture) if self.network is not None else {}
        zero = picture.new_zeros(())
        content = sum((f * content_loss(maps[layer], at) for layer, (at, f) in self.content.items()), zero)
        grams = {
            layer: [gram_matrix(maps[layer], part) for part in self.parts(maps[layer].shape[-2:])]
            for layer in self.styles
        }
        return self.weighted(picture, content, self.style_of(grams))

    def style_of(self, grams: Mapping[str, Sequence[Tensor]]) -> Tensor:
        """The style loss without its weight: `grams` has, for each layer, a matrix for each of the regions."""
        terms = [
            target.factor * style_loss(grams[layer][target.region], target.gram)
            for layer, targets in self.styles.items()
            for target in targets
        ]
        return torch.stack(terms).sum() if terms else torch.zeros(())

    def parts(self, size: Sequence[int]) -> list[Tensor | None]:
        """The regions at the height and width of a map."""
        return [
            None if region is None else nn.functional.adaptive_avg_pool2d(region[None, None], (size[0], size[1]))[0, 0]
            for region in self.regions
        ]

    def weighted(self, picture: Tensor, content: Tensor, style: Tensor) -> Losses:
        """The three losses from what two of them are without their weights."""
        variation = picture.new_zeros(())
        if self.terms.variation:
            variation = total_variation(picture / BYTES if self.terms.relative else picture)
        return Losses(self.terms.content * content, self.terms.style * style, self.terms.variation * variation)

    def _maps(self, network: LossNetwork, picture: Tensor) -> Mapping[str, Tensor]:
        """Of a picture that is painted after: its feature maps by layer."""
        return network(picture)

    def _grams(self, network: LossNetwork, picture: Tensor) -> Mapping[str, Tensor]:
        return {layer: gram_matrix(found) for layer, found in self._maps(network, picture).items()}

    def _add(self, grams: Mapping[str, Tensor], style: Style) -> None:
        share = 1.0 if style.region is None else float(style.region.mean())
        if style.region is not None or None not in self.regions:
            self.regions.append(style.region)
        region = self.regions.index(None) if style.region is None else len(self.regions) - 1
        for layer, weight in self._weights(self.terms.style_layers):
            gram = grams[layer]
            # A small region has few places to carry the same difference: without its share, strokes there are stronger.
            factor = weight * style.weight * share / self._unit(gram)
            self.styles[layer].append(Target(gram, factor, region))

    def _weights(self, layers: Mapping[str, float]) -> list[tuple[str, float]]:
        whole = sum(layers.values()) if self.terms.relative else 1.0
        return [(layer, weight / whole) for layer, weight in layers.items()]

    def _unit(self, target: Tensor) -> float:
        return mean_square(target) if self.terms.relative else 1.0
