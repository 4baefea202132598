"""The pieces of images that excite a feature most, cut out as the feature sees them."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from netdsl.ir.network import Network
from netdsl.ir.seen import Interval, seen

LIGHT, DARK, STRIPE = 200, 150, 4
"""Grey levels of the stripes that stand for what lies beyond the image, and their width in pixels."""


@dataclass(frozen=True, order=True, slots=True)
class Patch:
    """A place of a map with its value; of equal values the image that came first counts more."""

    value: float
    image: int = field(compare=False)
    """Its number, from 0, in the order in which they came."""
    place: tuple[int, int] = field(compare=False)
    """Row and column in the map."""
    earlier: int = 0
    pixels: Tensor = field(default_factory=lambda: torch.empty(0), compare=False, repr=False)
    """The whole image, uint8, C x height x width."""


class Strongest:
    """The images in which each of some channels is strongest, one place an image, as they come in batches.

    Source: Zeiler & Fergus 2014, arXiv:1311.2901, figure 2: the nine images with the largest activations of a map
    """

    def __init__(self, channels: Sequence[int], most: int = 9) -> None:
        self.channels = channels
        self.most = most
        self.images = 0
        self._best: list[list[Patch]] = [[] for _ in channels]

    def add(self, images: Tensor, maps: Tensor) -> None:
        """A batch of images (uint8) with their maps, N x channels x height x width."""
        chosen = maps[:, torch.as_tensor(self.channels, device=maps.device)]
        values, places = chosen.flatten(2).max(2)
        width = maps.shape[3]
        for heap, of_channel, at in zip(self._best, values.T.tolist(), places.T.tolist(), strict=True):
            for number, (value, place) in enumerate(zip(of_channel, at, strict=True)):
                if len(heap) == self.most and value <= heap[0].value:
                    continue
                image = self.images + number
                patch = Patch(value, image, divmod(place, width), -image, images[number].cpu())
                (heapq.heappush if len(heap) < self.most else heapq.heappushpop)(heap, patch)
        self.images += len(images)

    def found(self) -> list[list[Patch]]:
        """For each channel, strongest first."""
        return [sorted(heap, reverse=True) for heap in self._best]


def field_of(network: Network, index: int, place: Iterable[int]) -> tuple[Interval, Interval]:
    """First and last row, first and last column, of what the unit sees: of one size for all units of a map."""
    rows, columns = seen(network, index, tuple(place))
    return rows, columns


def field_within(network: Network, index: int, place: Iterable[int]) -> tuple[Interval, Interval]:
    """The same, as far as it lies on the image."""
    (top, bottom), (left, right) = field_of(network, index, place)
    height, width = network.input.size
    return (max(0, top), min(height - 1, bottom)), (max(0, left), min(width - 1, right))


def cut_out(pixels: Tensor, rows: Interval, columns: Interval) -> Tensor:
    """A piece of an image (uint8, C x height x width); what lies beyond the image is striped."""
    (top, bottom), (left, right) = rows, columns
    height, width = bottom - top + 1, right - left + 1
    down = torch.arange(height)[:, None] + torch.arange(width)
    stripes = torch.where(down // STRIPE % 2 == 0, LIGHT, DARK).to(pixels.dtype)
    piece = stripes.expand(pixels.shape[0], -1, -1).clone()
    inside_rows = slice(max(top, 0), min(bottom + 1, pixels.shape[1]))
    inside_columns = slice(max(left, 0), min(right + 1, pixels.shape[2]))
    inside = pixels[:, inside_rows, inside_columns]
    down_by, right_by = inside_rows.start - top, inside_columns.start - left
    piece[:, down_by : down_by + inside.shape[1], right_by : right_by + inside.shape[2]] = inside
    return piece


def cut_out_signed(values: Tensor, rows: Interval, columns: Interval) -> Tensor:
    """The same piece of signed numbers, with zeros beyond the image."""
    (top, bottom), (left, right) = rows, columns
    height, width = values.shape[1:]
    sides = (max(0, -left), max(0, right + 1 - width), max(0, -top), max(0, bottom + 1 - height))
    padded = torch.nn.functional.pad(values, sides)
    return padded[:, top + sides[2] : bottom + 1 + sides[2], left + sides[0] : right + 1 + sides[0]]
