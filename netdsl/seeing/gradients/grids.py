"""`netdsl filters` and `netdsl maps`: many small pictures side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch

from netdsl.ir.parts import tensor_at
from netdsl.lowering import feature_maps
from netdsl.seeing.gradients import arrays
from netdsl.seeing.gradients.asked import form_of, map_at
from netdsl.seeing.gradients.filters import first_filters
from netdsl.seeing.photos import Photo, Refused, read_photos
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

PIXELS = 900
"""A grid is about so wide, so that small tiles are enlarged by whole factors."""


@dataclass(frozen=True, slots=True)
class FilterGrid:
    output: str
    at: str
    filters: int
    size: tuple[int, int]
    colours: int


@dataclass(frozen=True, slots=True)
class MapGrid:
    """least and most: of all numbers of the maps; silent: channels that are zero all over this image."""

    file: str
    output: str | None = None
    at: str | None = None
    channels: int | None = None
    size: tuple[int, int] | None = None
    least: float | None = None
    most: float | None = None
    silent: int | None = None
    remark: str = ""
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        names = ("file", "output", "at", "channels", "size", "least", "most", "silent", "error")
        return {name: getattr(self, name) for name in names}


def draw_filters(subject: Subject, output: Path) -> FilterGrid:
    """Each filter around grey by its own largest weight, as the papers show them.

    Errors: NET620 for a net without such filters, NET551
    """
    found = first_filters(subject.module)
    count, colours, height, width = found.weights.shape
    columns = ceil(sqrt(count))
    factor = max(1, PIXELS // (columns * (width + arrays.GUTTER)))
    tiles = np.stack([arrays.around_grey(weights.float()) for weights in found.weights])
    grid = arrays.mosaic(arrays.enlarged(tiles, factor), columns, 255)
    from netdsl.seeing.gradients.draw import save_grid  # here: matplotlib takes a while to load

    title = f"{subject.name}: {count} filters of {height}x{width} at {found.node}, each around grey by itself"
    with whole(output, make_folder=True) as beside:
        save_grid(grid, title, None, beside, form_of(output))
    return FilterGrid(str(output), found.node, count, (height, width), colours)


def draw_maps(
    subject: Subject,
    files: Sequence[Path],
    outputs: Sequence[Path],
    at: str,
    watch: Watch | None = None,
) -> list[MapGrid]:
    """All channels of a place for each file, on one scale, into the file of `outputs` in the same place.

    Errors: NET209 for a place that is not there, NET622 for one without a map, NET551
    """
    watch = watch or Silent()
    map_at(subject.network, at)
    name = at.removeprefix("@")
    tapped = feature_maps(subject.module, [name])
    found = []
    for number, (file, output) in enumerate(zip(files, outputs, strict=True), start=1):
        (photo,) = read_photos([file], subject)
        if isinstance(photo, Refused):
            found.append(MapGrid(str(photo.path), error=photo.reason))
            continue
        with torch.no_grad():
            maps = tapped(subject.batch(photo.pixels[None]).float())[name][0]
        found.append(_draw_maps(subject, photo, maps, name, output))
        watch.progress("pictures", number, len(files))
    return found


def _draw_maps(subject: Subject, photo: Photo, maps: torch.Tensor, at: str, output: Path) -> MapGrid:
    from netdsl.seeing.gradients.draw import save_grid  # here: matplotlib takes a while to load

    channels, height, width = maps.shape
    columns = ceil(sqrt(channels * height / width))
    factor = max(1, PIXELS // (columns * (width + arrays.GUTTER)))
    tiles = arrays.enlarged(maps.float().cpu().numpy(), factor)
    grid = arrays.mosaic(tiles, columns, float("nan"))
    code = subject.network.nodes[tensor_at(subject.network, at)].layer.code
    title = f"{photo.path.name}: {channels} maps of {height}x{width} at @{at} ({code}), row by row from channel 0"
    with whole(output, make_folder=True) as beside:
        save_grid(grid, title, "value", beside, form_of(output))
    silent = int((maps == 0).flatten(1).all(1).sum())
    ends = maps.min().item(), maps.max().item()
    return MapGrid(str(photo.path), str(output), at, channels, (height, width), *ends, silent, photo.remark)
