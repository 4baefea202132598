"""A trained pastiche net opened again: it paints a picture of any size in one pass."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.lowering import Compiled, to_torch
from netdsl.lowering.inference_form import inference_form
from netdsl.style.fast.padding import at_any_size
from netdsl.style.fast.styles import Styles, kept, run_config
from netdsl.style.precision import number_format
from netdsl.tasks.engine.engine import device_of
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
        mean = torch.tensor(VGG.mean, device=self.device).view(1, -1, 1, 1)
        conditions = () if weights is None or not self.conditioned else (weights.to(self.device),)

        def paint(x: Tensor) -> Tensor:
            y: Tensor = self.at((x.shape[2], x.shape[3]))(x, *conditions)
            return y

        with torch.inference_mode():
            painted = at_any_size(self.network, paint, picture.to(self.device) - mean)
        return (painted.float() + mean).clamp(0, 255)

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
