"""A folder of pictures, each painted under its own name into another folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from netdsl.atomic import written_beside
from netdsl.diagnostics import DiagnosticsError
from netdsl.style.pictures.sources import read, scaled

FORMS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""Endings that a painted picture keeps; to others `.png` is added."""
QUALITY = 95
"""Of JPEG and WebP."""

Watch = Callable[[int, int], None]
"""Told how many files are done, of how many."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is no picture, or one that cannot be painted."""

    path: Path
    reason: str


def files_in(folder: Path, out: Path) -> list[Path]:
    """All files in a folder and below it, by their names, but hidden ones and what was painted into it before."""
    inside = folder.resolve() in out.resolve().parents
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not (inside and path.resolve().is_relative_to(out.resolve()))
    )


def target(path: Path, folder: Path, out: Path) -> Path:
    """Where a picture goes: the same name, in the same folder below."""
    there = out / path.relative_to(folder)
    return there if there.suffix.lower() in FORMS else there.with_name(f"{there.name}.png")


def paint_folder(
    folder: Path,
    out: Path,
    files: Sequence[Path],
    paint: Callable[[Image.Image], Image.Image],
    size: int | None = None,
    watch: Watch | None = None,
) -> list[LeftOut]:
    """Each picture through `paint`, at `size` pixels of its longer side if that is given; gives what is left out.

    A picture is there whole or not at all; those that are done stay when a later one fails.
    Errors: OSError
    """
    left = []
    for number, path in enumerate(files, 1):
        try:
            picture = read(path, "RGB")
            picture = picture if size is None else scaled(picture, size)
        except DiagnosticsError as error:
            left.append(LeftOut(path, error.diagnostics[0].found or error.diagnostics[0].message))
        else:
            there = target(path, folder, out)
            there.parent.mkdir(parents=True, exist_ok=True)
            with written_beside(there) as beside:
                paint(picture).save(beside, FORMS[there.suffix.lower()], quality=QUALITY)
        if watch is not None:
            watch(number, len(files))
    return left
