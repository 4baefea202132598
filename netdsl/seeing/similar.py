"""`netdsl similar`: the images of a folder that a net finds nearest to one, as a contact sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netdsl.diagnostics import fail
from netdsl.seeing.features import Features, features_of, most_similar
from netdsl.seeing.gallery import Files
from netdsl.seeing.gradients.asked import form_of
from netdsl.seeing.photos import Photo, Refused, read_photos
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Neighbour:
    """similarity: the cosine between the features, 1 for the same direction."""

    file: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Similar:
    """Nearest first; `errors` are files that could not be read."""

    query: str
    at: str
    output: str | None
    images: int
    neighbours: tuple[Neighbour, ...]
    errors: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "query": self.query,
            "at": self.at,
            "output": self.output,
            "images": self.images,
            "neighbours": [{"file": n.file, "similarity": n.similarity} for n in self.neighbours],
            "errors": [{"file": file, "error": reason} for file, reason in self.errors.items()],
        }


def similar(
    subject: Subject,
    query: Path,
    among: Sequence[Path] | Features,
    at: str,
    output: Path,
    most: int = 8,
    flatten: bool = False,
    watch: Watch | None = None,
) -> Similar:
    """The nearest of the files `among`, or of features of earlier, by the cosine of the features at `at`.

    The query itself is left out where it is among them.
    Errors: NET627 for a query that is no image, NET628 for features of another net or place, NET624, NET551
    """
    watch = watch or Silent()
    (asked,) = read_photos([query], subject)
    if isinstance(asked, Refused):
        fail("NET627", f"`{query}` cannot be looked for", expected="an image", found=asked.reason)
    own = features_of(subject, at, Files([query], subject), flatten)
    errors: dict[str, str] = {}
    if isinstance(among, Features):
        _check_same(own, among)
        known = among
    else:
        gallery = Files(among, subject)
        known = features_of(subject, at, gallery, flatten, progress=partial(watch.progress, "images looked at"))
        errors = {str(refused.path): refused.reason for refused in gallery.refused}
    itself = [i for i, file in enumerate(known.files) if Path(file).resolve() == query.resolve()]
    found = most_similar(own.values[0], known.values, most, itself)
    neighbours = tuple(Neighbour(known.files[i], cosine) for i, cosine in found)
    drawn = _draw(subject, asked, neighbours, at, output) if neighbours else None
    return Similar(str(query), at, drawn, len(known.files), neighbours, errors)


def _check_same(own: Features, kept: Features) -> None:
    here, there = (f"{f.net} at {f.at}, {'means' if f.pooled else 'whole maps'}" for f in (own, kept))
    if here != there or own.values.shape[1] != kept.values.shape[1]:
        fail(
            "NET628",
            "the features in the file are not those that are asked for",
            expected=f"{here}, {own.values.shape[1]:,} numbers an image",
            found=f"{there}, {kept.values.shape[1]:,} numbers an image",
            note="name the same place with --at, and --flatten where the features were made with it",
        )


def _draw(subject: Subject, query: Photo, neighbours: Sequence[Neighbour], at: str, output: Path) -> str:
    from netdsl.seeing.gradients.arrays import as_rgb
    from netdsl.seeing.gradients.draw import Panel, save_panels  # here: matplotlib takes a while to load

    panels = [Panel(as_rgb(query.pixels), f"{query.path.name}\nlooked for")]
    for neighbour in neighbours:
        (photo,) = read_photos([Path(neighbour.file)], subject)
        pixels = np.full((*subject.image.size, 3), 220, np.uint8)  # a file that is gone since its features were made
        if isinstance(photo, Photo):
            pixels = as_rgb(photo.pixels)
        panels.append(Panel(pixels, f"{Path(neighbour.file).name}\n{neighbour.similarity:.3f}"))
    columns = min(COLUMNS, len(panels))
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    with whole(output, make_folder=True) as beside:
        save_panels(rows, f"{subject.name}: nearest by the features at @{at}", beside, form_of(output))
    return str(output)
