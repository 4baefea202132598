"""`netdsl patches`: the pieces of images that excite channels most, with what a deconvnet makes of each beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch

from netdsl.ir.network import Network
from netdsl.lowering import feature_maps
from netdsl.seeing.gallery import Gallery
from netdsl.seeing.gradients import arrays, scores
from netdsl.seeing.gradients.asked import features_at, form_of, map_at
from netdsl.seeing.gradients.patches import Patch, Strongest, cut_out, cut_out_signed, field_of
from netdsl.seeing.gradients.saliency import Method, attributions
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

TILE = 120  # pixels that a patch is about as wide as in the picture
BETWEEN = 128  # the grey between patches, which may be white or black themselves


@dataclass(frozen=True, slots=True)
class Found:
    """A patch: the file or image, its place in the map, and its box (x0, y0, x1, y1) in pixels of the given picture.

    A box reaches beyond the picture where the unit sees padding.
    """

    file: str
    value: float
    place: tuple[int, int]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Patches by channel; receptive field in pixels of the net's input, height and width."""

    output: str
    at: str
    images: int
    receptive_field: tuple[int, int]
    channels: dict[int, list[Found]]
    errors: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "output": self.output,
            "at": self.at,
            "images": self.images,
            "receptive_field": self.receptive_field,
            "channels": [
                {
                    "channel": channel,
                    "patches": [{"file": f.file, "value": f.value, "place": f.place, "box": f.box} for f in found],
                }
                for channel, found in self.channels.items()
            ],
            "errors": [{"file": file, "error": reason} for file, reason in self.errors.items()],
        }


def draw_patches(
    subject: Subject,
    gallery: Gallery,
    at: str,
    channels: Sequence[int],
    output: Path,
    most: int = 9,
    method: Method = "deconvnet",
    watch: Watch | None = None,
) -> Sheet:
    """Look through all images and draw the `most` strongest patches of each channel, one an image.

    Errors: NET209, NET622 for places and channels that are not there, NET551
    """
    watch = watch or Silent()
    index = map_at(subject.network, at)
    place = features_at(subject, at, channels, scores.strongest)
    tapped = feature_maps(subject.module, [place.name])
    strongest = Strongest(channels, most)
    names: list[str] = []
    with torch.no_grad():
        for found, pixels in gallery.batches():
            strongest.add(pixels, tapped(subject.batch(pixels).float())[place.name])
            names += found
            watch.progress("images looked through", len(names) + len(gallery.refused), gallery.count)
    by_channel = dict(zip(channels, strongest.found(), strict=True))
    boxes = {
        channel: [_found(subject.network, index, gallery, names, patch) for patch in patches]
        for channel, patches in by_channel.items()
    }
    rows, columns = field_of(subject.network, index, (0, 0))
    size = rows[1] - rows[0] + 1, columns[1] - columns[0] + 1
    if names:
        _draw(subject, index, place.name, by_channel, output, method)
    errors = {str(refused.path): refused.reason for refused in gallery.refused}
    return Sheet(str(output) if names else "", place.name, len(names), size, boxes, errors)


def _found(network: Network, index: int, gallery: Gallery, names: Sequence[str], patch: Patch) -> Found:
    (top, bottom), (left, right) = field_of(network, index, patch.place)
    box: tuple[float, float, float, float] = (left, top, right + 1, bottom + 1)
    frame = gallery.frame(names[patch.image])
    return Found(names[patch.image], patch.value, patch.place, box if frame is None else frame.box(*box))


def _draw(
    subject: Subject, index: int, at: str, by_channel: dict[int, list[Patch]], output: Path, method: Method
) -> None:
    from netdsl.seeing.gradients.draw import Panel, save_panels  # here: matplotlib takes a while to load

    rows = []
    for channel, patches in by_channel.items():
        x = subject.batch(torch.stack([patch.pixels for patch in patches])).float()
        back = attributions(subject.module, at, x, [channel] * len(x), scores.strongest, method).values
        pieces, signed = [], []
        for patch, values in zip(patches, back, strict=True):
            box = field_of(subject.network, index, patch.place)
            pieces.append(arrays.as_rgb(cut_out(patch.pixels, *box)))
            signed.append(arrays.around_grey(cut_out_signed(values, *box)))
        ends = f"{patches[0].value:.3g} to {patches[-1].value:.3g}"
        rows.append(
            [Panel(_block(pieces, BETWEEN), f"channel {channel}: {ends}"), Panel(_block(signed, 255), f"{method}")]
        )
    title = f"{subject.name}: what excites channels of @{at} most"
    with whole(output, make_folder=True) as beside:
        save_panels(rows, title, beside, form_of(output), inches=3.2)


def _block(tiles: list[arrays.Bytes], fill: int) -> np.ndarray[Any, Any]:
    stacked = np.stack(tiles)
    factor = max(1, round(TILE / max(stacked.shape[1:3])))
    return arrays.mosaic(arrays.enlarged(stacked, factor), ceil(sqrt(len(tiles))), fill)
