"""A net that paints in one pass, run over a picture tile by tile: the same numbers as on the whole, up to rounding."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import InternalError
from netdsl.lowering.to_torch import Compiled, network_of
from netdsl.style.pictures.padding import Size, fitting_size, mirrored
from netdsl.style.tiles.evaluate import Evaluator
from netdsl.style.tiles.moments import Moments
from netdsl.style.tiles.plan import KEPT, plan
from netdsl.style.tiles.reads import Interval, Region
from netdsl.style.tiles.steps import steps_of

TILE = 512
"""Pixels of a side of a tile in the picture; where a net has made the map smaller, tiles are as much smaller."""

Watch = Callable[[int, int], None]
"""Told how much is done, of how much: multiply-accumulates, tiles' overlap left out."""


@torch.inference_mode()
def paint_tiled(
    module: Compiled,
    picture: Tensor,
    weights: Any = None,
    *,
    mean: tuple[float, ...] = (0.0, 0.0, 0.0),
    tile: int = TILE,
    budget: int = KEPT,
    watch: Watch | None = None,
) -> Tensor:
    """What the module gives for `picture` minus `mean`, plus `mean`: for any height and width, in bounded memory.

    `picture`: 3 x H x W, or 1 x 3 x H x W, bytes or floating-point numbers; the result has its form, bytes are rounded
    and cut off at 0 and 255. `weights`: of the net's condition, for one picture. `tile`: pixels. `budget`: bytes of
    the maps that are kept between passes (`plan`). The module is in evaluation mode, and runs where its weights are.
    Errors: DiagnosticsError with NET660 for a net that cannot be tiled, NET560 for weights that do not fit
    Source: instance normalization over the whole picture, Ulyanov et al. 2016, arXiv:1607.08022, equation 3
    """
    if picture.dim() == 4:
        (single,) = picture
        return paint_tiled(module, single, weights, mean=mean, tile=tile, budget=budget, watch=watch)[None]
    if module.training:
        raise InternalError("a net is run on tiles for its pictures, not to train")
    network = network_of(module)
    size = fitting_size(network, (picture.shape[1], picture.shape[2]))
    steps = steps_of(network, size)
    planned = plan(steps, budget)
    like = next(module.parameters(), picture if picture.is_floating_point() else torch.zeros(()))
    offset = torch.tensor(mean, dtype=like.dtype, device=like.device).view(1, -1, 1, 1)
    run = Evaluator(module, network, steps, mirrored(picture, size).to(like.device), offset, weights)
    painted, done = torch.empty_like(picture), 0.0
    for each in planned.passes:
        height, width = steps[each.target].output.size
        regions = list(_tiles((height, width), size, tile))
        run.begin(each, planned.number)
        moments: Moments | None = None
        for region in regions:
            y = run.tile(each, region)
            if each is planned.passes[-1]:
                _put(painted, y + offset, region)
            else:
                found = Moments.of(y)
                moments = found if moments is None else moments.merged(found)
            done += sum(steps[node].macs for node in each.nodes) / len(regions)
            if watch is not None:
                watch(round(done), planned.work)
        run.end(each, moments)
    return painted


def _tiles(size: Size, picture: Size, tile: int) -> Iterator[Region]:
    """A map in parts that do not overlap; each is `tile` pixels of the picture, as near as the map's scale gives."""
    rows, columns = (_parts(n, max(1, round(tile * n / whole))) for n, whole in zip(size, picture, strict=True))
    for row in rows:
        for column in columns:
            yield row, column


def _parts(n: int, length: int) -> list[Interval]:
    """Of nearly equal lengths, `length` at most: no sliver at the end."""
    count = -(-n // length)
    return [(n * part // count, n * (part + 1) // count) for part in range(count)]


def _put(painted: Tensor, y: Tensor, region: Region) -> None:
    """What of a tile lies in the picture, which may end before the net's does."""
    size = painted.shape[1:]
    (top, bottom), (left, right) = ((first, min(last, n)) for (first, last), n in zip(region, size, strict=True))
    if top < bottom and left < right:
        part = y[0, :, : bottom - top, : right - left]
        if not painted.is_floating_point():
            part = part.round().clamp(0, 255)
        painted[:, top:bottom, left:right] = part.to(painted)
