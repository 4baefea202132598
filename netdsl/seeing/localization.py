"""How well maps find objects whose boxes are known: the shares that are counted in weakly supervised localization.

A box is right when its intersection over union with the true one is at least 0.5, or 0.3, or 0.7. The map is that of
the true class in all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from netdsl.seeing.boxes import Kind, Pieces, Share, largest, pieces, shares, smallest_boxes
from netdsl.tasks.learning.boxes import overlap

OVERLAPS = (0.3, 0.5, 0.7)
"""Intersection over union from which a box is right."""
HALF = OVERLAPS.index(0.5)
THRESHOLDS = tuple(n / 100 for n in range(101))
"""Where the curve is taken: shares of what the map has."""


@dataclass(frozen=True, slots=True)
class Point:
    """The share of images whose box is right at a threshold, by intersection over union.

    box_acc: of the chosen kind of box. box_acc_v2: of the best of the boxes of all connected pieces.
    """

    threshold: float
    box_acc: Mapping[str, float]
    box_acc_v2: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Localization:
    """Shares of the images, 0 to 1.

    gt_known_loc: those whose box at `threshold` is right, by intersection over union (the class is given)
    top1_loc: those whose box is right at 0.5, and whose class is the net's answer (Russakovsky et al. 2015,
        arXiv:1409.0575, section 4.2)
    max_box_acc: the largest gt_known_loc at 0.5 over all thresholds (Choe et al. 2020, arXiv:2001.07437)
    max_box_acc_v2: the mean, over 0.3, 0.5 and 0.7, of the largest share of images of whose pieces one has a right box
        (Choe et al. 2020, arXiv:2007.04178)
    pointing: those whose map is highest inside the true box (Zhang et al. 2016, arXiv:1608.00507)
    """

    gt_known_loc: Mapping[str, float]
    top1_loc: float
    max_box_acc: float
    max_box_acc_v2: float
    pointing: float
    threshold: float
    curve: Sequence[Point]
    images: int
    method: str

    @property
    def best(self) -> Point:
        """Where `max_box_acc` is; the lowest of such thresholds."""
        return max(self.curve, key=lambda point: point.box_acc[_name(HALF)])

    def as_json(self) -> Mapping[str, Any]:
        return asdict(self)


class Tally:
    """Counts over batches of images. `threshold`, a share of what `of` says, is for boxes of the kind `box`."""

    def __init__(self, threshold: float, of: Share = "maximum", box: Kind = "component") -> None:
        self.threshold, self.of, self.box = threshold, of, box
        self.images = self.pointed = self.top1 = 0
        self.found = torch.zeros(len(OVERLAPS), dtype=torch.int64)
        self.curve = torch.zeros(len(THRESHOLDS), 2, len(OVERLAPS), dtype=torch.int64)

    def add(self, maps: Tensor, boxes: Tensor, right: Tensor) -> Tensor:
        """Boxes that are found in `maps` of the true classes, images x 4.

        maps: images x height x width, in the pixels in which the true `boxes` are given; boxes: images x 4, left, top,
        right, bottom, the end not included; right: bool, whether the net answers with the true class
        """
        cut = shares(maps, self.of)
        self.images += len(maps)
        self.pointed += int(inside(peaks(maps), boxes).sum())
        for number, threshold in enumerate(THRESHOLDS):
            found = pieces(cut, threshold)
            self.curve[number, 0] += _counts(overlap(self._boxes(cut, threshold, found), boxes))
            self.curve[number, 1] += _counts(_best_overlaps(found, boxes))
        made = self._boxes(cut, self.threshold, pieces(cut, self.threshold))
        overlaps = overlap(made, boxes)
        self.found += _counts(overlaps)
        self.top1 += int((right & (overlaps >= OVERLAPS[HALF])).sum())
        return made

    def result(self, method: str) -> Localization:
        highest = self.curve.amax(0)
        return Localization(
            gt_known_loc=self._shares(self.found),
            top1_loc=self.top1 / self.images,
            max_box_acc=int(highest[0, HALF]) / self.images,
            max_box_acc_v2=int(highest[1].sum()) / (len(OVERLAPS) * self.images),
            pointing=self.pointed / self.images,
            threshold=self.threshold,
            curve=tuple(
                Point(threshold, self._shares(one), self._shares(all_pieces))
                for threshold, (one, all_pieces) in zip(THRESHOLDS, self.curve, strict=True)
            ),
            images=self.images,
            method=method,
        )

    def _boxes(self, cut: Tensor, threshold: float, found: Pieces) -> Tensor:
        return smallest_boxes(cut, threshold) if self.box == "smallest" else largest(found, len(cut))

    def _shares(self, counts: Tensor) -> dict[str, float]:
        return {_name(number): int(count) / self.images for number, count in enumerate(counts)}


def peaks(maps: Tensor) -> Tensor:
    """Column and row of the highest pixel of each map (n x height x width), n x 2; of equal ones the first."""
    flat = maps.flatten(1).argmax(1)
    return torch.stack([flat % maps.shape[2], flat // maps.shape[2]], 1)


def inside(points: Tensor, boxes: Tensor) -> Tensor:
    """Whether each pixel (n x 2: column, row) lies in its box."""
    return ((points >= boxes[:, :2]) & (points < boxes[:, 2:])).all(1)


def _best_overlaps(found: Pieces, boxes: Tensor) -> Tensor:
    """Of each image's pieces the best overlap with its box; 0 where there is none."""
    best = torch.zeros(len(boxes))
    return best.scatter_reduce(0, found.map, overlap(found.boxes, boxes[found.map]), "amax")


def _counts(overlaps: Tensor) -> Tensor:
    """How many reach each of OVERLAPS."""
    return torch.stack([(overlaps >= least).sum() for least in OVERLAPS])


def _name(number: int) -> str:
    return str(OVERLAPS[number])
