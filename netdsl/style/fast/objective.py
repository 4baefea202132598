"""What a pastiche net is trained for: the perceptual loss of a batch, each picture against the style it was given.

Source: Johnson et al. 2016, arXiv:1603.08155, section 3; the thesis's section 5.4 and, for many styles, 5.5.1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from netdsl.data import Batch
from netdsl.recipes.losses import Perceptual
from netdsl.recipes.method import Method
from netdsl.style.loss.grams import gram_matrices
from netdsl.style.loss.losses import BYTES, gram_matrix, mean_square, total_variation
from netdsl.style.loss.memory import FLOAT, kept, passing, per_pixel
from netdsl.style.loss.network import LossNetwork
from netdsl.tasks.learning.normalize import VGG
from netdsl.tasks.learning.objective import Objective

CONTENT_LAYER = "relu2_2"
STYLE_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
"""Of the loss network: the thesis's section 5.4.3."""


class StyleObjective(Objective):
    """Content, style and variation of painted pictures, each divided as in `iterative.objective.Terms.relative`.

    styles: pictures of the styles by their numbers, 1 x 3 x height x width from 0 to 255, of any size
    """

    at_once = 4

    def __init__(self, module: nn.Module, method: Method, network: LossNetwork, styles: Sequence[Tensor]) -> None:
        super().__init__(module, method)
        assert isinstance(method.loss, Perceptual)
        self.weights = method.loss
        self.painted = network.cut(dict.fromkeys((*(STYLE_LAYERS if method.loss.style else ()), CONTENT_LAYER)))
        self.content = network.cut((CONTENT_LAYER,))
        """Stopped at its last layer, since no more of a photograph is looked at."""
        self.grams: dict[str, Tensor] = {}
        """Of each layer, styles x channels x channels, times what makes their mean square 1."""
        self.units: dict[str, Tensor] = {}
        """What that is, styles."""
        with torch.no_grad():
            for layer, grams in self._style_grams(network, styles).items():
                units = torch.tensor([mean_square(gram) for gram in grams]).rsqrt().to(grams[0])
                self.grams[layer], self.units[layer] = torch.stack(grams) * units[:, None, None], units

    def __call__(self, output: Any, x: Tensor, batch: Batch) -> Tensor:
        return self.terms(output, x, batch.labels)["total"]

    def plain(self, output: Any, x: Tensor, batch: Batch) -> Tensor:
        return self(next(iter(output.values())), x, batch)

    def memory(self, images: int, size: Sequence[int]) -> int:
        """The loss network's maps of the painted pictures with their gradients, and the last of the photographs'."""
        pixels = images * size[0] * size[1]
        wanted = per_pixel(self.content, CONTENT_LAYER) * FLOAT
        return round(pixels * (kept(self.painted) + passing(self.painted) + wanted))

    def terms(self, output: Tensor, x: Tensor, styles: Tensor) -> Mapping[str, Tensor]:
        """The three losses, each times its weight, and their sum: means over the pictures.

        output, x: images x 3 x height x width, the painted pictures and the photographs, both less the mean colour
        styles: the number of each picture's style
        """
        mean = torch.tensor(VGG.mean, device=x.device).view(1, -1, 1, 1)
        painted = output.float() + mean
        maps = self.painted(painted)
        with torch.no_grad():
            wanted = self.content(x + mean)[CONTENT_LAYER].float()
            unit = wanted.square().mean((1, 2, 3), keepdim=True).clamp(min=torch.finfo(torch.float32).tiny).rsqrt()
        content = self.weights.content * ((maps[CONTENT_LAYER].float() - wanted) * unit).square().mean()
        style = content.new_zeros(())
        for layer, grams in self.grams.items():
            found = gram_matrices(maps[layer]) * self.units[layer][styles, None, None]
            style = style + (found - grams[styles]).square().mean()
        style = self.weights.style * style / max(1, len(self.grams))
        variation = content.new_zeros(())
        if self.weights.tv:
            variation = self.weights.tv * total_variation(painted / BYTES)
        return {"content": content, "style": style, "variation": variation, "total": content + style + variation}

    def _style_grams(self, network: LossNetwork, styles: Sequence[Tensor]) -> dict[str, list[Tensor]]:
        if not self.weights.style:
            return {}
        maps = network.cut(STYLE_LAYERS)
        seen = [{layer: gram_matrix(found) for layer, found in maps(style).items()} for style in styles]
        return {layer: [grams[layer] for grams in seen] for layer in STYLE_LAYERS}
