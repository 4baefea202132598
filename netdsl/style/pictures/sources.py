"""Pictures that are painted from: files, and the samples that the package paints itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from netdsl.data.pictures import bombs_refused, upright
from netdsl.diagnostics import fail
from netdsl.layers.attributes import nearest
from netdsl.style.pictures.samples import STYLES, scene

LEAST = 16
"""Pixels of a side, of which four poolings leave one."""
LIKENESS = 0.02
"""How much a mask's width over height may differ from the content's: a rounded pixel of a small one."""

Picture = Image.Image


def content_picture(path: str | None) -> Picture:
    """A file, or the package's own scene. Errors: DiagnosticsError with NET651 for a file that is no picture"""
    return scene() if path is None else read(Path(path), "RGB")


def style_picture(name: str) -> Picture:
    """A file, or else the sample of that name, whatever ending is written behind it.

    Errors: DiagnosticsError with NET650 for a name that is neither, NET651 for a file that is no picture
    """
    path = Path(name)
    if path.exists():
        return read(path, "RGB")
    if path.parent == Path() and path.stem in STYLES:
        return sample(path.stem)
    close = [*_close(path), *([near] if (near := nearest(path.stem, STYLES)) else [])]
    return fail(
        "NET650",
        f"there is no style `{name}`",
        expected="a picture's file, or a sample: " + ", ".join(STYLES),
        found="nothing of that name",
        note=f"did you mean {' or '.join(f'`{word}`' for word in close)}?"
        if close
        else "see: netdsl stylize --list-styles",
    )


def sample(name: str) -> Picture:
    """One of the package's own styles, painted anew: equal each time."""
    paint: Callable[[], Picture] = STYLES[name].paint
    return paint()


def mask_picture(path: str, size: tuple[int, int]) -> Picture:
    """A region as grey, of `size` (width, height): white where a style is wanted.

    Errors: DiagnosticsError with NET651 for no picture, NET654 for another shape or nothing but black
    """
    mask = read(Path(path), "L")
    if abs(mask.width / mask.height / (size[0] / size[1]) - 1) > LIKENESS:
        fail(
            "NET654",
            f"the mask `{path}` does not fit the picture",
            expected=f"width over height as {size[0]}x{size[1]}, {size[0] / size[1]:.3f}",
            found=f"{mask.width}x{mask.height}, {mask.width / mask.height:.3f}",
        )
    made = mask.resize(size, Image.Resampling.BOX)
    if made.getextrema()[1] == 0:
        fail("NET654", f"the mask `{path}` has no region", expected="white where its style is wanted", found="black")
    return made


def read(path: Path, mode: str) -> Picture:
    if not path.exists():
        close = _close(path)
        fail(
            "NET651",
            f"`{path}` is not there",
            expected="a picture's file",
            found="nothing of that name",
            note=f"did you mean {' or '.join(f'`{word}`' for word in close)}?" if close else None,
        )
    with bombs_refused():
        found = "a folder" if path.is_dir() else upright(path, mode)
    if isinstance(found, str):
        fail("NET651", f"`{path}` cannot be painted with", expected="a picture's file", found=found)
    if min(found.size) < LEAST:
        fail(
            "NET651",
            f"`{path}` is too small",
            expected=f"{LEAST} pixels or more on each side",
            found=f"{found.width}x{found.height}",
        )
    return found


def scaled(picture: Picture, longer: int) -> Picture:
    """The picture with so many pixels on its longer side; its form kept, up to rounding.

    Errors: DiagnosticsError with NET651 where the shorter side has too few then
    """
    factor = longer / max(picture.size)
    width, height = (max(1, round(side * factor)) for side in picture.size)
    if min(width, height) < LEAST:
        fail(
            "NET651",
            f"a picture of {picture.width}x{picture.height} is too narrow at a size of {longer}",
            expected=f"{LEAST} pixels or more on each side",
            found=f"{width}x{height}",
            note=f"--size {LEAST * max(picture.size) // min(picture.size) + 1} or more",
        )
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def as_tensor(picture: Picture) -> Tensor:
    """1 x channels x height x width, float32, 0 to 255."""
    pixels = torch.from_numpy(np.array(picture, np.uint8)).float()
    return pixels.view(picture.height, picture.width, -1).permute(2, 0, 1)[None].contiguous()


def as_picture(pixels: Tensor) -> Picture:
    """The other way: RGB; what lies outside of 0 to 255 is cut off."""
    shown = pixels[0].detach().cpu().clamp(0, 255).round().to(torch.uint8).permute(1, 2, 0)
    return Image.fromarray(shown.contiguous().numpy())


def _close(path: Path) -> list[str]:
    """The file of the nearest name in that folder, as it would be written."""
    folder = path.parent
    names = [entry.name for entry in folder.iterdir() if entry.is_file()] if folder.is_dir() else []
    near = nearest(path.name, names, likeness=0.6)
    return [str(folder / near)] if near else []
