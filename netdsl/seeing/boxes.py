"""Boxes from maps: what is above a share of a map's maximum, as one box, or as one box a connected piece.

Boxes are int64, n x 4: left, top, right, bottom in the map's pixels, right and bottom not included. An empty box is
0, 0, 0, 0.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Share = Literal["maximum", "range"]
Kind = Literal["component", "smallest"]
KINDS: tuple[Kind, ...] = ("component", "smallest")


class Pieces(NamedTuple):
    """Connected pieces of many maps, in the order of the maps and, within a map, of their first pixels."""

    map: Tensor
    """int64, pieces: the number of the map that each lies in."""
    boxes: Tensor
    """int64, pieces x 4."""
    pixels: Tensor
    """int64, pieces."""


def shares(maps: Tensor, of: Share = "maximum") -> Tensor:
    """Maps (n x height x width) as shares of what each has, from which a threshold from 0 to 1 can cut.

    Of the `maximum`: 1 where the map is highest; a map that is nowhere above 0 has no share of anything and is -inf
    everywhere, so that nothing of it is above a threshold (Zhou et al. 2016, arXiv:1512.04150, cut like this).
    Of the `range`: 0 where it is lowest and 1 where it is highest (Choe et al. 2020, arXiv:2001.07437); a map that is
    the same everywhere is 1.
    """
    highest = maps.amax((1, 2), keepdim=True)
    if of == "maximum":
        positive = highest > 0
        return torch.where(positive, maps / torch.where(positive, highest, 1), -torch.inf)
    lowest = maps.amin((1, 2), keepdim=True)
    span = highest - lowest
    return torch.where(span > 0, (maps - lowest) / torch.where(span > 0, span, 1), 1.0)


def smallest_boxes(maps: Tensor, threshold: float) -> Tensor:
    """The smallest box around all pixels of each map (n x height x width) that are at least `threshold`.

    Source: the thesis, section 5.1.1
    """
    return _around(maps.amax(1) >= threshold, maps.amax(2) >= threshold)


def component_boxes(maps: Tensor, threshold: float) -> Tensor:
    """The box of the largest connected piece of the pixels that are at least `threshold`, in each map.

    Of pieces of as many pixels the one that begins first, row by row. Source: Zhou et al. 2016, arXiv:1512.04150,
    section 3.2
    """
    return largest(pieces(maps, threshold), len(maps))


def largest(found: Pieces, maps: int) -> Tensor:
    """The box of each map's largest piece, maps x 4; empty where it has none."""
    boxes = torch.zeros(maps, 4, dtype=torch.int64)
    # The last of equal places is what stays in numpy: smallest pieces first, of equal ones the first last.
    order = np.lexsort((-np.arange(len(found.map)), found.pixels.numpy()))
    boxes.numpy()[found.map.numpy()[order]] = found.boxes.numpy()[order]
    return boxes


def pieces(maps: Tensor, threshold: float) -> Pieces:
    """All connected pieces of the pixels that are at least `threshold`; pixels touch at their corners, too.

    All maps are labelled in one call, as a stack whose layers do not touch.
    """
    from scipy import ndimage

    above = (maps >= threshold).cpu().numpy()
    touching = np.zeros((3, 3, 3), bool)
    touching[1] = True
    labels, count = ndimage.label(above, touching)
    places = ndimage.find_objects(labels)
    boxes = np.array([(x.start, y.start, x.stop, y.stop) for _, y, x in places], np.int64).reshape(count, 4)
    where = np.array([layer.start for layer, _, _ in places], np.int64)
    pixels: NDArray[np.int64] = np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.int64)
    return Pieces(*map(torch.from_numpy, (where, boxes, pixels)))


def _around(columns: Tensor, rows: Tensor) -> Tensor:
    """Boxes of the columns (n x width) and rows (n x height) that are marked."""
    ends = []
    for marked in (columns, rows):
        numbers = marked.to(torch.int8)
        ends.append((numbers.argmax(1), marked.shape[1] - numbers.flip(1).argmax(1)))
    (left, right), (top, bottom) = ends
    return torch.stack([left, top, right, bottom], 1) * columns.any(1, keepdim=True)
