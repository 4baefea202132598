"""What the three tasks know of a picture: how far the net's output is from it, and what of the output is the result."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.style.pictures.sources import LIKENESS, as_tensor, mask_picture, read, scaled
from netdsl.style.prior.resample import Reduce
from netdsl.style.prior.settings import LARGEST, MOST, Settings

WHITE = 128
"""A mask's grey from which on a pixel is to be filled in."""
TOUCHED = 0.02
"""How much of a reduced pixel may come from the hole before it counts as part of it; the filter's waves go farther."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """A picture that is given, and how the result relates to it. All tensors are float32, on one device.

    given: 1 x 3 x height x width, 0 to 255
    hole: 1 x 1 x height x width, 1 where nothing is known; None but for inpainting
    reduce: from the result to the given picture; None but for enlarging
    before: what the result is compared with where the truth is known, of its size: the noisy picture, or for
        enlarging the bicubic one; the picture with its hole for inpainting
    """

    given: Tensor
    before: Tensor
    hole: Tensor | None = None
    reduce: Reduce | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the result."""
        return self.before.shape[2], self.before.shape[3]

    def loss(self, output: Tensor) -> Tensor:
        """The mean squared difference from what is known, of pictures from 0 to 1 (Ulyanov et al. 2017, section 2).

        `output`, 0 to 1 and of the result's size, is for enlarging reduced first; in a hole there is no difference.
        """
        seen = output if self.reduce is None else self.reduce(output)
        squares = (seen - self.given / 255).square()
        if self.hole is None:
            return squares.mean()
        known = 1 - self.hole
        return (squares * known).sum() / (known.sum() * squares.shape[1])

    def result(self, output: Tensor) -> Tensor:
        """0 to 255. What is known stays as it was: the picture around the hole; what reducing leaves of the picture.

        An enlarged picture may lie beyond 0 and 255, where it is cut off when it is shown.
        """
        made = output * 255
        if self.reduce is not None:
            return self.reduce.nearest(made, self.given)
        return made if self.hole is None else torch.where(self.hole > 0, made, self.given)

    def psnr(self, picture: Tensor, truth: Tensor) -> float:
        """Peak signal-to-noise ratio in decibels, for inpainting of the hole alone; infinite where all is equal."""
        squares = (picture.clamp(0, 255).round() - truth).double().square()
        if self.hole is not None:
            squares = squares[(self.hole > 0).expand_as(squares)]
        error = float(squares.mean())
        return 10 * math.log10(255**2 / error) if error else math.inf


def restoration(settings: Settings, device: torch.device) -> tuple[Restoration, tuple[int, int]]:
    """The task with its pictures, and the given picture's own width and height.

    Errors: DiagnosticsError with NET651 for files that are no pictures, NET654 for a mask of another form or without a
    hole, NET663 for one that leaves nothing
    """
    own = read(Path(settings.image), "RGB")
    picture = _sized(own, settings)
    given = as_tensor(picture).to(device)
    if settings.task == "inpaint":
        hole = _hole(str(settings.mask), own, picture.size).to(device)
        return Restoration(given, given, hole), own.size
    if settings.task == "enlarge":
        width, height = (side * settings.factor for side in picture.size)
        before = as_tensor(picture.resize((width, height), Image.Resampling.BICUBIC)).to(device)
        return Restoration(given, before, None, Reduce(height, width, settings.factor, device)), own.size
    return Restoration(given, given), own.size


def truth_of(path: Path, size: tuple[int, int], device: torch.device) -> Tensor:
    """The true picture at the result's height and width, reduced to it where it is larger. Errors: NET651, NET663"""
    height, width = size
    picture = read(path, "RGB")
    if abs(picture.width / picture.height / (width / height) - 1) > LIKENESS:
        fail(
            "NET663",
            f"the truth `{path}` is another picture",
            expected=f"width over height as {width}x{height}, {width / height:.3f}",
            found=f"{picture.width}x{picture.height}, {picture.width / picture.height:.3f}",
        )
    return as_tensor(picture.resize((width, height), Image.Resampling.LANCZOS)).to(device)


def _sized(picture: Image.Image, settings: Settings) -> Image.Image:
    """The picture as the loss gets it: its own size, or so that the result has the one asked for.

    Errors: NET651 for an enlarged picture above `MOST`, and for one reduced to too little
    """
    factor = settings.factor if settings.task == "enlarge" else 1
    longer = max(picture.size)
    if settings.size is not None:
        wanted = settings.size // factor
    elif factor == 1:
        wanted = min(longer, LARGEST)
    elif longer * factor <= MOST:
        wanted = longer
    else:
        fail(
            "NET651",
            f"`{settings.image}` is too large to be made {factor} times as large",
            expected=f"{MOST // factor:,} pixels or less on its longer side",
            found=f"{picture.width}x{picture.height}",
            note=f"--size {MOST} reduces it first",
        )
    return picture if wanted == longer else scaled(picture, wanted)


def _hole(path: str, picture: Image.Image, size: tuple[int, int]) -> Tensor:
    """1 x 1 x height x width, 1 where the mask is white.

    Where the picture was reduced, pixels that a part of the hole went into belong to it too.
    """
    mask = mask_picture(path, picture.size).point(lambda grey: 255 * (grey >= WHITE))
    share = mask.convert("F").resize(size, Image.Resampling.LANCZOS)
    hole = torch.from_numpy(np.asarray(share) > 255 * TOUCHED).float()[None, None]
    filled = float(hole.mean())
    if not 0 < filled < 1:
        fail(
            "NET663",
            f"the mask `{path}` leaves nothing to " + ("fill in" if not filled else "go by"),
            expected="white where the picture is to be filled in, black where it is known",
            found="no white" if not filled else "nothing but white",
        )
    return hole
