"""A picture cut into tiles, each seen with so much around it that its own part is as in the whole picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product


@dataclass(frozen=True, slots=True)
class Piece:
    """A tile along one axis, in pixels: its own part from `start` to `end`, and what is seen of the picture for it.

    All but the picture's own end are multiples of the net's largest jump, so that pools cut every tile as the whole.
    """

    start: int
    end: int
    seen_from: int
    seen_to: int
    last: bool

    @property
    def seen(self) -> slice:
        return slice(self.seen_from, self.seen_to)

    def of_map(self, jump: int) -> slice:
        """Its own part in the picture's map of a layer; a map ends where pools leave the last pixels out."""
        return slice(self.start // jump, None if self.last else self.end // jump)

    def of_seen_map(self, jump: int) -> slice:
        """Its own part in the map of what is seen."""
        from_here = (self.start - self.seen_from) // jump
        return slice(from_here, None if self.last else from_here + (self.end - self.start) // jump)


@dataclass(frozen=True, slots=True)
class Window:
    rows: Piece
    columns: Piece


def pieces(length: int, tile: int, halo: int, jump: int, shift: int = 0) -> list[Piece]:
    """An axis of so many pixels in tiles; `shift`, under a tile, is where the first of them ends if it is not 0.

    `tile`, `halo` and `shift` are multiples of `jump`. A last tile of less than a jump belongs to the one before it.
    """
    borders = [0, *range(shift or tile, length - jump + 1, tile), length]
    return [
        Piece(start, end, max(0, start - halo), min(length, end + halo), end == length)
        for start, end in pairwise(borders)
    ]


def windows(
    size: tuple[int, int], tile: int, halo: int, jump: int, shift: tuple[int, int] = (0, 0)
) -> Iterator[Window]:
    """A picture of height x width, row by row."""
    axes = [pieces(length, tile, halo, jump, start) for length, start in zip(size, shift, strict=True)]
    return (Window(rows, columns) for rows, columns in product(*axes))


def seen_share(size: tuple[int, int], tile: int, halo: int, jump: int) -> float:
    """How many pixels all windows see together, of those of the picture."""
    seen = sum(
        (w.rows.seen_to - w.rows.seen_from) * (w.columns.seen_to - w.columns.seen_from)
        for w in windows(size, tile, halo, jump)
    )
    return seen / (size[0] * size[1])


def largest_seen(size: tuple[int, int], tile: int, halo: int, jump: int) -> int:
    """The most pixels that a window sees, wherever its tile lies."""
    rounded = -(-tile // jump) * jump
    return min(size[0], rounded + 2 * halo + jump) * min(size[1], rounded + 2 * halo + jump)
