"""Image files as a net gets them, and the way back from the net's pixels to the picture's."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from netdsl.data.folder import MODES
from netdsl.data.pictures import DAMAGED, THREADS, as_bytes, bombs_refused, fitted, upright
from netdsl.seeing.subject import Subject

MOST = 16
"""A whole picture has so many times the pixels of the square that it is fitted into, at most."""
CAMERA = "MPO"
"""A JPEG that has smaller copies of itself, or a depth map, behind it: one picture."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the net's pixels lie in the given picture, which is upright.

    Both are measured from their left upper corner, in pixels: pixel number n reaches from n to n + 1.
    `left` and `top` are where the net's picture begins, `across` and `down` how large one of its pixels is.
    """

    left: float
    top: float
    across: float
    down: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A place in the net's picture, as a place in the given one."""
        return self.left + x * self.across, self.top + y * self.down

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return (*self.point(left, top), *self.point(right, bottom))


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that the net can look at.

    pixels: uint8, channels x height x width, as the net gets them before they are normalized
    size: width and height of the given picture, upright
    remark: what of the file is not in it; empty if nothing
    """

    path: Path
    pixels: Tensor
    size: tuple[int, int]
    frame: Frame
    remark: str = ""

    @property
    def window(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what the net sees, in pixels of the given picture."""
        return self.frame.box(0, 0, self.pixels.shape[2], self.pixels.shape[1])

    def picture(self) -> Image.Image:
        """The given picture in its colours, read again: a batch of large ones is not kept in memory.

        Errors: OSError where the file is not the same any more
        """
        with bombs_refused():
            found = upright(self.path, "RGB")
        if isinstance(found, str) or found.size != self.size:
            raise OSError(None, "changed while it was looked at", str(self.path))
        return found


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that no net can look at, with the reason."""

    path: Path
    reason: str


def read_photos(paths: Iterable[Path], subject: Subject, *, crop: bool = True) -> list[Photo | Refused]:
    """Each file as the net gets it, in order; a folder stands for the image files in it (`files_of`).

    With `crop` all have the size of the net's input: the picture is fitted into the square `resize`, or the input, and
    the middle taken, as in a test. Without, the whole picture at that scale, if the net can be laid out for it.
    """
    with bombs_refused(), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda path: _read(path, subject, crop), files_of(paths)))


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The paths with each folder replaced by the image files in it and below it, by their names, hidden ones left out.

    A folder without any stays what it is.
    """
    found: list[Path] = []
    for path in paths:
        found += (sorted(_images(path)) or [path]) if path.is_dir() else [path]
    return found


def batches(photos: Sequence[Photo], images: int) -> Iterator[list[Photo]]:
    """Photos of one size together, so many at most, in an order that keeps those of a size as they came."""
    sizes: dict[torch.Size, list[Photo]] = {}
    for photo in photos:
        sizes.setdefault(photo.pixels.shape, []).append(photo)
    for same in sizes.values():
        for start in range(0, len(same), images):
            yield same[start : start + images]


def _images(folder: Path) -> Iterator[Path]:
    endings = {ending for ending, form in Image.registered_extensions().items() if form in Image.OPEN}
    for path in folder.rglob("*"):
        if path.suffix.lower() in endings and not path.name.startswith(".") and path.is_file():
            yield path


def _read(path: Path, subject: Subject, crop: bool) -> Photo | Refused:
    if path.is_dir():
        return Refused(path, "a folder without image files")
    if not path.is_file():
        return Refused(path, "not a file" if path.exists() else "no such file")
    picture = upright(path, MODES[subject.image.channels])
    if isinstance(picture, str):
        return Refused(path, picture)
    remark = _remark(path)
    if not crop:
        whole = _whole(path, picture, subject, remark)
        if whole is not None:
            return whole
    return _middle(path, picture, subject, remark)


def _middle(path: Path, picture: Image.Image, subject: Subject, remark: str) -> Photo:
    """As `netdsl.data.pictures.decoded` and `middle` make a test image."""
    height, width = subject.image.size
    rows, columns = _stored(subject)
    top, left = (rows - height) // 2, (columns - width) // 2
    pixels = as_bytes(fitted(picture, rows, columns))[:, top : top + height, left : left + width]
    scale = min(picture.width / columns, picture.height / rows)
    frame = Frame(
        (picture.width - columns * scale) / 2 + left * scale,
        (picture.height - rows * scale) / 2 + top * scale,
        scale,
        scale,
    )
    return Photo(path, torch.tensor(pixels), picture.size, frame, remark)


def _whole(path: Path, picture: Image.Image, subject: Subject, remark: str) -> Photo | Refused | None:
    """At the scale of a test, all of it; None for a net that has no such size."""
    rows, columns = _stored(subject)
    factor = max(rows / picture.height, columns / picture.width)
    height, width = (max(1, round(side * factor)) for side in (picture.height, picture.width))
    if height * width > MOST * rows * columns:
        ratio = max(height / rows, width / columns)
        return Refused(path, f"{ratio:,.0f} times longer than wide: too much to be seen whole; --crop takes the middle")
    if subject.at((height, width)) is None:
        return None
    pixels = as_bytes(picture.resize((width, height), Image.Resampling.BILINEAR))
    frame = Frame(0, 0, picture.width / width, picture.height / height)
    return Photo(path, torch.tensor(pixels), picture.size, frame, remark)


def _stored(subject: Subject) -> tuple[int, int]:
    """Height and width that a picture is fitted into."""
    return subject.image.size if subject.resize is None else (subject.resize, subject.resize)  # type: ignore[return-value]


def _remark(path: Path) -> str:
    try:
        with Image.open(path) as file:
            pictures = getattr(file, "n_frames", 1)
            if pictures == 1 or file.format == CAMERA:
                return ""
    except DAMAGED:  # in a later picture: the first was read
        return "the first of several pictures"
    return f"the first of {pictures:,} pictures"
