"""Images of the user's own: a folder with one sub-folder a class, or with such folders `train` and `test` in it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from netdsl.data.dataset import Dataset, middle
from netdsl.data.files import Meter, Say
from netdsl.data.held_out import SEED, hold_out
from netdsl.data.pictures import VERSION, Left, decoded
from netdsl.data.store import Bytes, note, noted, recall, remember, sha256
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap

PREFIX = "folder:"
TRAIN, TEST, VALID = "train", "test", ("val", "valid")
TEST_SHARE = 0.2  # of each class, where the folder has no test images of its own
FIRST = 3  # names that a message has room for
MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds, by its names alone. A class's number is its place in `class_names`, sorted."""

    path: Path
    class_names: tuple[str, ...]
    files: tuple[tuple[str, int, Path], ...]
    """Split, class and place of each file, sorted."""

    @property
    def splits(self) -> set[str]:
        return {split for split, _, _ in self.files}


@dataclass(frozen=True, slots=True)
class Cut:
    """How images of any size become images of one: `image` is what the net sees, out of a square of `resize` pixels.

    None: it is as large as the net's input. `whole`: training images stay so large, for augmentation to cut from.
    `whole_tests`: the others do, for the views of a test.
    """

    image: FeatureMap
    resize: int | None = None
    whole: bool = False
    whole_tests: bool = False

    @property
    def stored(self) -> tuple[int, int]:
        """Height and width in the cache."""
        height, width = self.image.size
        return (height, width) if self.resize is None else (self.resize, self.resize)


def scan(name: str) -> Listing:
    """The classes and files of `folder:DIR`. Errors: NET511 no such folder, NET522 no classes in it, or an empty one"""
    path = place(name, "a folder with one sub-folder a class")
    inside = [folder.name for folder in _folders(path)]
    tested = TEST in inside
    validated = next((valid for valid in VALID if valid in inside), None)
    parts = {"train": path}
    if TRAIN in inside and (tested or validated):
        parts = {"train": path / TRAIN, "test": path / (TEST if tested else str(validated))}
        if tested and validated:
            parts["valid"] = path / validated
    names = tuple(folder.name for folder in _folders(parts["train"]))
    if len(names) < 2:
        fail(
            "NET522",
            f"`{parts['train']}` is not divided into classes",
            expected="one sub-folder a class, two or more of them",
            found=f"the sub-folder {names[0]}" if names else "no sub-folder",
            note="a net that paints learns from photographs without classes: name its styles with --style",
        )
    files = tuple(
        (split, names.index(folder.name), file)
        for split, part in parts.items()
        for folder in _known(part, names)
        for file in _files(folder, split)
    )
    return Listing(path, names, files)


def place(name: str, expected: str) -> Path:
    """The folder that `folder:DIR` means. Errors: NET511 where it is not there"""
    path = Path(name.removeprefix(PREFIX)).expanduser()
    if not path.is_dir():
        fail(
            "NET511",
            f"the folder `{path}` is not there",
            expected=f"{expected}, behind `folder:`",
            found="a file" if path.exists() else "nothing of that name",
        )
    return path


def load(listing: Listing, cut: Cut, say: Say, meter: Meter | None = None) -> Dataset:
    """The images, from the user's cache if no file has changed. What is no image is left out, and said.

    Errors: NET523 a class of which nothing is left
    """
    images, left = cached(listing, cut, say, meter)
    tell_left(listing, left, say)
    kept = [entry for number, entry in enumerate(listing.files) if number not in left]
    labels = torch.tensor([label for _, label, _ in kept], dtype=torch.int64)
    places = {split: torch.tensor([part == split for part, _, _ in kept]).nonzero()[:, 0] for split in listing.splits}
    train, test = places["train"], places.get("test")
    _check_each_class(listing, labels[train])
    if test is None:
        stay, held = hold_out(labels[train], TEST_SHARE)
        train, test = train[stay], train[held]
        say(f"`{listing.path}` has no test images of its own: {len(held):,} are held out, the same ones each time")
        _check_each_class(listing, labels[train])
    train = train[torch.randperm(len(train), generator=torch.Generator().manual_seed(SEED))]  # not class by class
    if not len(test):
        fail("NET523", f"`{listing.path}` has no test images", expected="one or more", found="none that can be read")
    size = cut.image.size
    data = Dataset(
        f"{PREFIX}{listing.path.resolve()}",
        train_images=images[train] if cut.whole else middle(images[train], size),
        train_labels=labels[train],
        test_images=images[test] if cut.whole_tests else middle(images[test], size),
        test_labels=labels[test],
        class_names=listing.class_names,
    )
    valid = places.get("valid")
    if valid is None:
        return data
    held = images[valid] if cut.whole_tests else middle(images[valid], size)
    return replace(data, valid_images=held, valid_labels=labels[valid])


def tell_left(listing: Listing, left: Left, say: Say) -> None:
    """Say which files are no images, the first of them by name."""
    if not left:
        return
    first = ", ".join(f"{listing.files[number][2]} ({reason})" for number, reason in list(left.items())[:FIRST])
    more = f", and {len(left) - FIRST:,} more" if len(left) > FIRST else ""
    say(f"left out, as no images: {len(left):,} of {len(listing.files):,} files: {first}{more}")


def cached(listing: Listing, cut: Cut, say: Say, meter: Meter | None) -> tuple[torch.Tensor, Left]:
    """All images that can be read, in the order of the listing, and the numbers of the rest."""
    shape = (cut.image.channels, *cut.stored)
    key = f"folder-{_key(listing, shape)}"
    kept: Any = noted(key)
    if isinstance(kept, dict) and isinstance(kept.get("left"), dict):
        data = recall(key, str(kept.get("sum")))
        if data is not None:
            return torch.from_numpy(data), {int(number): str(reason) for number, reason in kept["left"].items()}
    paths = [file for _, _, file in listing.files]
    say(f"decoding {len(paths):,} files of {listing.path} to {'x'.join(map(str, shape))} (once)")
    images, left = decoded(paths, shape, MODES[cut.image.channels], meter)
    made: Bytes = np.delete(images, list(left), axis=0) if left else images
    checksum = sha256(made)
    remember(key, made, checksum)
    note(key, {"sum": checksum, "left": left})
    return torch.from_numpy(made), left


def _key(listing: Listing, shape: Sequence[int]) -> str:
    """What the pictures depend on: each file's place, size and time of change, and their own size."""
    found = hashlib.sha256(repr((VERSION, str(listing.path.resolve()), tuple(shape))).encode())
    for _, _, file in listing.files:
        status = file.stat()
        found.update(f"{file.relative_to(listing.path)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return found.hexdigest()[:16]


def _folders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _known(part: Path, names: Sequence[str]) -> Iterator[Path]:
    for folder in _folders(part):
        if folder.name not in names:
            fail(
                "NET522",
                f"`{folder}` is no class that is trained",
                expected=f"the classes of the training images: {', '.join(names)}",
                found=folder.name,
            )
        yield folder


def _files(folder: Path, split: str) -> list[Path]:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not files and split == "train":
        fail("NET523", f"the class `{folder}` is empty", expected="one or more images", found="no file")
    return files


def _check_each_class(listing: Listing, labels: torch.Tensor) -> None:
    counts = labels.bincount(minlength=len(listing.class_names))
    if counts.min() == 0:
        name = listing.class_names[int(counts.argmin())]
        fail(
            "NET523",
            f"no training image is left of the class `{name}` of `{listing.path}`",
            expected="one or more that can be read",
            found="none",
        )
