"""What a net is shown of a test image: the image, its mirror, windows of it, the whole of it at several sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from netdsl.diagnostics import fail

Crops = Literal[0, 10, 144]
GOOGLENET_SIDES = tuple(Fraction(side, 224) for side in (256, 288, 320, 352))
"""Shorter sides of the resized image, of the net's input: Szegedy et al., arXiv:1409.4842, section 7."""


@dataclass(frozen=True, slots=True)
class Views:
    """Which views of each image are taken; a net's probabilities are averaged over them.

    `crops`: 0 the image itself. 10: four corners, the middle, and their mirrors (Krizhevsky et al. 2012, section 4.1).
        144: GoogLeNet's, four sizes of three squares with corners, middle and whole, and the mirrors of all.
    `flip`: the mirror too.
    `scales`: the image resized to shorter sides of so many pixels (Simonyan & Zisserman, arXiv:1409.1556, section 3.2).
    `dense`: the net looks at the whole image, whatever its size, in place of an image as large as its input.
    """

    crops: Crops = 0
    flip: bool = False
    scales: tuple[int, ...] = ()
    dense: bool = False

    @property
    def plain(self) -> bool:
        """Is it the image and nothing else?"""
        return self == Views()

    @property
    def larger(self) -> bool:
        """Are they taken from the image as it is stored, and not from the middle that the net sees?"""
        return bool(self.crops or self.dense or self.scales)

    def __str__(self) -> str:
        whole = "the whole image" if self.dense or self.scales else "the image"
        what = f"{self.crops} crops" if self.crops else f"{whole} and its mirror" if self.flip else whole
        return what + (f", shorter side {', '.join(map(str, self.scales))} pixels" if self.scales else "")

    def of(self, images: Tensor, size: tuple[int, ...], border: int, fill: Sequence[int]) -> Iterator[Tensor]:
        """The views, each of all images: images x channels x height x width, in bytes.

        `size` is that of the net's input. Windows of images that are no larger come from the images with a border of
        so many pixels of colour `fill`. Errors: NET590 where there is no window to cut.
        """
        if self.crops == 144:
            yield from _googlenet(images, size)
            return
        for shown in [resized(images, side) for side in self.scales] if self.scales else [images]:
            if self.crops:
                for window in corners(_larger(shown, size, border, fill), size):
                    yield window
                    yield window.flip(-1)
            else:
                yield shown
                if self.flip:
                    yield shown.flip(-1)


def corners(images: Tensor, size: tuple[int, ...]) -> Iterator[Tensor]:
    """Windows of `size` at the four corners and in the middle, a pixel up or left of it where it cannot be."""
    (height, width), (down, right) = size, (images.shape[2] - size[0], images.shape[3] - size[1])
    for top, left in ((0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)):
        yield images[:, :, top : top + height, left : left + width]


def resized(images: Tensor, side: int) -> Tensor:
    """The shorter side becomes `side` pixels; bilinear, averaging where it gets smaller, as photo programs do.

    In bytes again, as all that a net is shown: normalization works in place on what is float already, and the windows
    of an image share their pixels.
    """
    height, width = images.shape[2:]
    shorter = min(height, width)
    if side == shorter:
        return images
    size = (round(Fraction(height * side, shorter)), round(Fraction(width * side, shorter)))
    smooth = interpolate(images.float(), size, mode="bilinear", antialias=True)
    return smooth.round_().clamp_(0, 255).to(torch.uint8)


def _googlenet(images: Tensor, size: tuple[int, ...]) -> Iterator[Tensor]:
    """In a square image the three squares are one, whose views count three times: they are taken once."""
    if size[0] != size[1]:
        fail(
            "NET590",
            "144 crops are made for a net with a square input",
            expected="an input as high as it is wide",
            found="x".join(map(str, size)),
            note="take --crops 10",
        )
    for scale in GOOGLENET_SIDES:
        for square in _squares(resized(images, round(scale * size[0]))):
            for window in (*corners(square, size), resized(square, size[0])):
                yield window
                yield window.flip(-1)


def _squares(images: Tensor) -> Iterator[Tensor]:
    """Left, middle and right, or top, middle and bottom."""
    height, width = images.shape[2:]
    side = min(height, width)
    for start in sorted({0, (max(height, width) - side) // 2, max(height, width) - side}):
        yield images[:, :, :, start : start + side] if width > height else images[:, :, start : start + side]


def _larger(images: Tensor, size: tuple[int, ...], border: int, fill: Sequence[int]) -> Tensor:
    """Images with room for more than one window."""
    height, width = images.shape[2:]
    if height >= size[0] and width >= size[1] and (height, width) != size:
        return images
    if (height, width) != size or not border:
        fail(
            "NET590",
            "there are no windows to cut from the images",
            expected=f"images larger than the net's input of {'x'.join(map(str, size))} pixels, or a run trained with "
            "`pad_crop`, whose border is then taken",
            found=f"images of {height}x{width} pixels, and no `pad_crop`"
            if (height, width) == size
            else f"{height}x{width} pixels",
            note=f"resize them with --scales {round(min(size) * GOOGLENET_SIDES[0])}, or take --flip alone",
        )
    colour = images.new_tensor(list(fill)).view(1, -1, 1, 1)
    padded = colour.expand(len(images), -1, height + 2 * border, width + 2 * border).contiguous()
    padded[:, :, border : border + height, border : border + width] = images
    return padded
