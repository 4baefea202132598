"""`netdsl cam`: pictures of what in photographs speaks for a class, many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.seeing.boxes import component_boxes, shares
from netdsl.seeing.cam_picture import Drawn, save_cam
from netdsl.seeing.choose import Classes, chosen
from netdsl.seeing.finite import check_finite
from netdsl.seeing.looker import Looker, Method, upsampled
from netdsl.seeing.photos import Photo, Refused, batches, files_of, read_photos
from netdsl.seeing.subject import Subject
from netdsl.seeing.written import check_new, check_picture
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Watch

CHUNK = 32
"""Files that are read at once."""
PIXELS = 32 * 256 * 256
"""Of a batch: larger pictures go through the net in smaller batches."""
THRESHOLD = 0.2
"""Share of a map's maximum above which the box is drawn: Zhou et al. 2016, section 3.2."""
MOST_DRAWN = 19
"""Classes in a picture: with the photograph five rows of four."""
FOLDER = Path("cam")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at, and where it goes. `crop`: the middle of each picture, as in a test, where the whole fits.

    out: a file's name for one picture, a folder's for several; None: here, or in the folder `cam`
    arrays: also the maps themselves, as .npy beside each picture
    """

    images: Sequence[Path]
    classes: Sequence[str] = ()
    method: Method = field(default=Method())
    crop: bool = False
    out: Path | None = None
    arrays: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class ClassSeen:
    """What speaks for a class in a picture.

    peak: the pixel of the given picture in the middle of the map's largest number: column, row
    box: left, top, right, bottom around the largest connected piece of what has at least a fifth of that number, right
    and bottom not included; None where nothing speaks for the class
    """

    index: int
    name: str
    probability: float
    logit: float
    peak: tuple[int, int]
    box: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was looked at; with an `error` it was not, and has no classes."""

    file: Path
    method: str
    at: str
    output: Path | None = None
    classes: tuple[ClassSeen, ...] = ()
    remark: str = ""
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        names = ("index", "name", "probability", "logit", "peak", "box")
        return {
            "file": str(self.file),
            "output": None if self.output is None else str(self.output),
            "method": self.method,
            "at": self.at,
            "classes": [{name: getattr(found, name) for name in names} for found in self.classes],
            "error": self.error,
        }


def look_at(subject: Subject, asked: Asked, watch: Watch) -> Iterator[Seen]:
    """Each file in order, drawn as soon as it is seen. What cannot be looked at is told and leaves the others.

    Errors: DiagnosticsError, before anything is read, with NET604, NET606 and NET209 for a method that the net does
    not have there, NET605 for a class, NET638 for a file that is there already; with NET540 for scores
    that are no numbers, NET551 while writing
    """
    looker = Looker(subject, asked.method)
    classes = chosen(asked.classes, looker.classes)
    files = files_of(asked.images)
    outputs = _outputs(files, asked.out)
    check_new([path for out in outputs for path in _written(out, asked)], asked.force)
    if asked.out is None and not asked.crop and subject.at(_other_size(subject)) is None:
        watch.say(f"{subject.name} takes pictures of one size only: the middle of each is looked at")
    for start in range(0, len(files), CHUNK):
        part = slice(start, start + CHUNK)
        for number, seen in enumerate(_chunk(looker, classes, files[part], outputs[part], asked), start + 1):
            watch.progress("looking", number, len(files))
            yield seen


def _chunk(
    looker: Looker, classes: Classes, files: Sequence[Path], outputs: Sequence[Path], asked: Asked
) -> Iterator[Seen]:
    read = read_photos(files, looker.subject, crop=asked.crop)
    seen: dict[int, tuple[Tensor, Tensor, Tensor]] = {}
    for batch in batches([photo for photo in read if isinstance(photo, Photo)], _at_once(read)):
        look = looker(torch.stack([photo.pixels for photo in batch]))
        check_finite(look.scores, looker.subject)
        numbers = classes.of(look.scores)
        found = (look.scores.cpu(), numbers.cpu(), look.maps(numbers).cpu())
        seen |= {id(photo): each for photo, *each in zip(batch, *found, strict=True)}  # type: ignore[misc]
    for file, output, photo in zip(files, outputs, read, strict=True):
        method, at = looker.method.name, looker.method.at or looker.at
        if isinstance(photo, Refused):
            yield Seen(file, method, at, error=photo.reason)
            continue
        scores, numbers, maps = seen.pop(id(photo))
        found_classes = tuple(_classes(looker.classes, photo, scores, numbers, maps))
        try:
            _draw(photo, found_classes, maps, output, asked)
        except OSError as error:
            yield Seen(file, method, at, error=error.strerror or str(error))
            continue
        yield Seen(file, method, at, output, found_classes, photo.remark)


def _classes(names: Sequence[str], photo: Photo, scores: Tensor, numbers: Tensor, maps: Tensor) -> Iterator[ClassSeen]:
    probabilities = scores.softmax(0)
    rows, columns = maps.shape[1:]
    height, width = photo.pixels.shape[1:]
    large = upsampled(maps[None], (height, width))[0]
    boxes = component_boxes(shares(large), THRESHOLD).tolist()
    for number, small, box in zip(numbers.tolist(), maps, boxes, strict=True):
        row, column = divmod(int(small.argmax()), columns)
        x, y = photo.frame.point((column + 0.5) * width / columns, (row + 0.5) * height / rows)
        peak = min(int(x), photo.size[0] - 1), min(int(y), photo.size[1] - 1)
        around = _in_picture(photo, box) if box[2] > box[0] else None
        yield ClassSeen(number, names[number], float(probabilities[number]), float(scores[number]), peak, around)


def _in_picture(photo: Photo, box: Sequence[float]) -> tuple[int, int, int, int]:
    """A box of the net's pixels, to the nearest pixels of the given picture."""
    left, top, right, bottom = map(round, photo.frame.box(*box))
    width, height = photo.size
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left + 1, min(right, width)), max(top + 1, min(bottom, height))


def _draw(photo: Photo, classes: tuple[ClassSeen, ...], maps: Tensor, output: Path, asked: Asked) -> None:
    most = slice(MOST_DRAWN)
    titles = [f"{found.name}\n{found.probability:.1%}, logit {found.logit:.2f}" for found in classes[most]]
    drawn = Drawn(photo.path.name, photo.picture(), photo.window, titles, maps[most])
    with whole(output, make_folder=True) as beside:
        save_cam(drawn, asked.method.name, asked.method.signed, beside, output.suffix.lower())
    if asked.arrays:
        with whole(output.with_suffix(".npy")) as beside, beside.open("wb") as file:
            np.save(file, maps.numpy(), allow_pickle=False)


def _outputs(files: Sequence[Path], out: Path | None) -> list[Path]:
    """A file's name for one picture; else a folder, in which each has its own name."""
    if out is not None and out.suffix and not out.is_dir():
        check_picture(out)
        if len(files) > 1:
            fail(
                "NET608",
                f"`{out}` is one picture",
                expected="the name of a folder",
                found=f"{len(files):,} images",
                note=f"-o {out.with_suffix('')} makes a folder with a picture for each",
            )
        return [out]
    folder = out or (FOLDER if len(files) > 1 else Path())
    names: dict[str, None] = {}
    for file in files:
        name, number = file.stem, 1
        while f"{name}-cam.png" in names:
            number += 1
            name = f"{file.stem}-{number}"
        names[f"{name}-cam.png"] = None
    return [folder / name for name in names]


def _written(output: Path, asked: Asked) -> list[Path]:
    return [output, output.with_suffix(".npy")] if asked.arrays else [output]


def _at_once(read: Sequence[Photo | Refused]) -> int:
    largest = max((photo.pixels[0].numel() for photo in read if isinstance(photo, Photo)), default=1)
    return max(1, PIXELS // largest)


def _other_size(subject: Subject) -> tuple[int, int]:
    height, width = subject.image.size
    return height, 2 * width
