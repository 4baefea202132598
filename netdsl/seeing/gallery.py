"""Many images to look through, a batch at a time: files, or a data set's test images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from netdsl.data import Dataset
from netdsl.diagnostics import fail
from netdsl.seeing.photos import Frame, Photo, Refused, files_of, read_photos
from netdsl.seeing.subject import Subject
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Watch

BATCH = 64


class Gallery(Protocol):
    """Images of the size of a net's input: names, and uint8 N x C x height x width, batch by batch."""

    count: int
    refused: list[Refused]

    def batches(self) -> Iterator[tuple[list[str], Tensor]]: ...

    def frame(self, name: str) -> Frame | None:
        """Where the net's pixels lie in the given picture; None where both are the same."""


@dataclass
class Files:
    """Image files, read a batch at a time; what is no image is left out and named in `refused`."""

    paths: Sequence[Path]
    subject: Subject
    refused: list[Refused] = field(default_factory=list)
    frames: dict[str, Frame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.paths = files_of(self.paths)
        self.count = len(self.paths)

    def batches(self) -> Iterator[tuple[list[str], Tensor]]:
        for start in range(0, self.count, BATCH):
            read = read_photos(self.paths[start : start + BATCH], self.subject)
            self.refused += [each for each in read if isinstance(each, Refused)]
            photos = [each for each in read if isinstance(each, Photo)]
            self.frames |= {str(photo.path): photo.frame for photo in photos}
            if photos:
                yield [str(photo.path) for photo in photos], torch.stack([photo.pixels for photo in photos])

    def frame(self, name: str) -> Frame | None:
        return self.frames.get(name)


@dataclass
class Images:
    """The test images of a data set, by their numbers: `mnist test 17`."""

    data: Dataset

    def __post_init__(self) -> None:
        self.count = len(self.data.test_images)
        self.refused: list[Refused] = []

    def batches(self) -> Iterator[tuple[list[str], Tensor]]:
        for start in range(0, self.count, BATCH):
            images = self.data.test_images[start : start + BATCH]
            yield [f"{self.data.name} test {start + n}" for n in range(len(images))], images

    def frame(self, name: str) -> Frame | None:
        return None


def gallery_of(
    subject: Subject, folder: Sequence[Path], data: str | None, data_dir: Path | None, subset: int | None, watch: Watch
) -> Gallery:
    """The files of the folders, or the first `subset` test images of the data set.

    Errors: NET525 for images of another size than the net's input; those of loading data
    """
    if data is None:
        return Files(folder, subject)
    chosen = Choice.asked(TrainConfig(data=data))
    if chosen.image != subject.image:
        fail(
            "NET525",
            f"the images of {data} do not fit the net `{subject.name}`",
            expected=f"{subject.image}, the net's input (channels x height x width)",
            found=f"{chosen.image}, the images of {data}",
        )
    loaded = chosen.load(data_dir, watch)
    return Images(loaded if subset is None else replace(loaded, test_images=loaded.test_images[:subset]))
