"""A trained pastiche net opened again: it paints a picture of any size in one pass."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.lowering import Compiled, to_torch
from netdsl.lowering.inference_form import inference_form
from netdsl.style.fast.styles import Styles, kept, run_config
from netdsl.style.pictures.padding import at_any_size
from netdsl.style.tiles.room import needs_tiles
from netdsl.style.tiles.tiled import TILE, Watch, paint_tiled
from netdsl.tasks.engine.engine import device_of
from netdsl.tasks.engine.number_format import number_format
from netdsl.tasks.learning.normalize import VGG
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.checkpoint import load_checkpoint
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.runs.run_folder import MODEL

KEPT = 8
"""Sizes that a net stays laid out for."""


@dataclass(slots=True)
class FastNet:
    """A net that paints, in evaluation mode, with the styles that it has learned."""

    run: Path
    network: Network
    module: Compiled
    """Laid out for the photographs of its training, float32."""
    styles: Styles
    source: NetSource
    device: torch.device
    dtype: torch.dtype
    """Of the feature maps."""
    tile: int | None = None
    """Pictures with more pixels on a side are painted in tiles of so many; without it, those that would take GiB."""
    watch: Watch | None = None
    """Told how far a picture of many tiles is."""
    _at: dict[tuple[int, ...], nn.Module] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the styles, by their numbers."""
        return self.styles.names

    @property
    def conditioned(self) -> bool:
        """Does the net take the styles' weights behind the picture?"""
        return bool(self.network.conditions)

    def __call__(self, picture: Tensor, weights: Tensor | None = None) -> Tensor:
        """N x 3 x height x width from 0 to 255 in and out, of any size; float32.

        weights: of the styles, (styles,) or (N, styles), as `mixture.weights_of` gives them; none for one style
        """
        tile = self.tile_for((picture.shape[2], picture.shape[3]))
        if tile is not None:
            return self._in_tiles(picture, weights, tile)
        mean = torch.tensor(VGG.mean, device=self.device).view(1, -1, 1, 1)
        conditions = () if weights is None or not self.conditioned else (weights.to(self.device),)

        def paint(x: Tensor) -> Tensor:
            y: Tensor = self.at((x.shape[2], x.shape[3]))(x, *conditions)
            return y

        with torch.inference_mode():
            painted = at_any_size(self.network, paint, picture.to(self.device) - mean)
        return (painted.float() + mean).clamp(0, 255)

    def tile_for(self, size: tuple[int, int]) -> int | None:
        """Pixels of a tile's side, for a picture of that height and width; None where it is painted whole."""
        if self.tile is not None:
            return self.tile if max(size) > self.tile else None
        return TILE if needs_tiles(self.network, size) else None

    @torch.inference_mode()
    def _in_tiles(self, pictures: Tensor, weights: Tensor | None, tile: int) -> Tensor:
        """One after the other, in float32."""
        rows: list[Tensor | None] = [None] * len(pictures)
        if weights is not None and self.conditioned:
            rows = list(weights.to(self.device).reshape(-1, weights.shape[-1]).expand(len(pictures), -1))
        made = [
            paint_tiled(self.module, picture, row, mean=VGG.mean, tile=tile, watch=self.watch)
            for picture, row in zip(pictures, rows, strict=True)
        ]
        return torch.stack(made).clamp_(0, 255) if len(made) > 1 else made[0][None].clamp_(0, 255)

    def at(self, size: tuple[int, ...]) -> nn.Module:
        """The net in the form that only infers, for pictures of a height and width that it takes."""
        if size not in self._at:
            while len(self._at) >= KEPT:
                self._at.pop(next(iter(self._at)))
            self._at[size] = inference_form(self.laid_out(size), self.dtype)
        return self._at[size]

    def laid_out(self, size: tuple[int, ...]) -> Compiled:
        """The same weights, shared, in the net of that height and width."""
        if size == self.network.input.size:
            return self.module
        network = replace(self.source, image=FeatureMap(self.network.input.channels, size)).compile()
        with torch.device("meta"):
            module = to_torch(network)
        module.load_state_dict(self.module.state_dict(), assign=True)
        return module.eval().requires_grad_(False)


def open_fast(run: Path, device: str | None = None, precision: str | None = None) -> FastNet:
    """The net of a run of `netdsl train --style`, with its last weights.

    Errors: DiagnosticsError with NET552 and NET553 for what is no run's folder, NET672 for a net that does not paint,
    NET554 and NET555 for weights that are missing or do not fit, NET580 for a device that is not there
    """
    styles = kept(run)
    place = device_of(device)
    source = net_source.rebuild(run_config(run).get("net", {}), run)
    network = source.compile()
    module = to_torch(network)
    load_checkpoint(module, run / MODEL)
    module = module.to(place).eval().requires_grad_(False)
    return FastNet(run, network, module, styles, source, place, number_format(precision, place))
