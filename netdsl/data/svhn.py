"""SVHN: digits cut out of house numbers, 32x32 pixels in colour, from the three .mat files of its authors.

Source: Netzer et al., "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011. A file holds X,
32 x 32 x 3 x n bytes, and y, n x 1, in which 10 means the digit 0.
"""

import hashlib
import zlib
from pathlib import Path
from typing import NoReturn

import numpy as np
import torch

from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Remote, Say, download, locate
from netdsl.data.held_out import hold_out
from netdsl.data.store import Bytes, identity, note, noted, recall, remember, sha256
from netdsl.diagnostics import fail

DAMAGED = (ValueError, TypeError, KeyError, IndexError, EOFError, OSError, NotImplementedError, zlib.error)
"""What scipy raises over a file that is no .mat file, half of one, or (NotImplementedError) one of MATLAB 7.3.

Each becomes NET513, which names the file.
"""
CLASS_NAMES = tuple(str(digit) for digit in range(10))
URL = "http://ufldl.stanford.edu/housenumbers/"
RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the pixels as in CIFAR-10
LARGEST = 600_000  # images in a file; the extra one has 531,131
FILES = {
    "train_32x32.mat": "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
    "extra_32x32.mat": "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3",
    "test_32x32.mat": "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
}
"""sha256 of each file; what is unpacked is known by what it was unpacked from."""
HELD_OUT = {"train_32x32.mat": 400, "extra_32x32.mat": 200}
"""Images of each class for validation: Sermanet et al. 2012, and the thesis, section 4.6."""


def load(data_dir: Path | None, say: Say, meter: Meter | None = None) -> Dataset:
    """All of it: 598,388 training, 6,000 validation and 26,032 test images, where the files are the official ones."""
    train, extra, test = (_split(records) for records in _records(data_dir, say, meter))
    (more, held), (further, also) = (
        hold_out(labels, min(count, len(labels)))
        for (_, labels), count in zip((train, extra), HELD_OUT.values(), strict=True)
    )
    return Dataset(
        "svhn",
        train_images=torch.cat([train[0][more], extra[0][further]]),
        train_labels=torch.cat([train[1][more], extra[1][further]]),
        test_images=test[0],
        test_labels=test[1],
        class_names=CLASS_NAMES,
        valid_images=torch.cat([train[0][held], extra[0][also]]),
        valid_labels=torch.cat([train[1][held], extra[1][also]]),
    )


def remotes() -> tuple[Remote, ...]:
    return tuple(Remote(name, (name,), (URL + name,), checksum) for name, checksum in FILES.items())


def read_mat(path: Path) -> Bytes:
    """A file's images as records, n x 3,073. Errors: NET513 damaged, NET515 of another form, NET516 another label"""
    from scipy import io  # here: nothing else of a run needs it

    try:
        shapes = {name: shape for name, shape, _ in io.whosmat(path)}  # read before any of the contents is unpacked
        count = shapes.get("y", (0,))[0]
        if shapes.get("X") != (32, 32, 3, count) or shapes.get("y") != (count, 1) or not 0 < count <= LARGEST:
            _wrong_form(path, str(shapes))
        data = io.loadmat(path, variable_names=["X", "y"])
        images, labels = data["X"], data["y"].ravel()
    except (*DAMAGED, io.matlab.MatReadError) as error:
        fail(
            "NET513",
            f"`{path}` cannot be unpacked",
            expected="a whole .mat file",
            found=str(error) or type(error).__name__,
            note="delete the file and get it again",
        )
    if images.dtype != np.uint8 or images.shape != (32, 32, 3, count) or labels.shape != (count,):
        _wrong_form(path, f"X of {images.dtype} {images.shape}, y of {labels.dtype} {labels.shape}")
    outside = (labels < 1) | (labels > 10)
    if outside.any():
        place = int(outside.argmax())
        fail(
            "NET516",
            f"`{path}` has a label that is no class",
            expected="labels from 1 to 10, where 10 means the digit 0",
            found=f"{labels[place]} for image {place:,}, counted from 0",
            note="the file was changed; delete it and get the official one",
        )
    records = np.empty((count, RECORD), np.uint8)
    records[:, 0] = labels % 10
    records[:, 1:] = images.transpose(3, 2, 0, 1).reshape(count, -1)
    return records


def _records(data_dir: Path | None, say: Say, meter: Meter | None) -> list[Bytes]:
    """Each file's records, from the cache where the files have not changed since they were unpacked."""
    files = locate("svhn", remotes(), data_dir)
    kept = noted("svhn")
    if isinstance(kept, dict) and isinstance(kept.get("sums"), dict) and kept.get("official") == FILES:
        cached = [recall(name, str(kept["sums"].get(name))) for name in FILES]
        if (files is None or kept.get("files") == identity(files)) and all(data is not None for data in cached):
            return [data.reshape(-1, RECORD) for data in cached if data is not None]
    files = files or download("svhn", remotes(), say, meter)
    say(f"unpacking {', '.join(dict.fromkeys(str(file.parent) for file in files))} (once)")
    made = [_official(file, checksum) for file, checksum in zip(files, FILES.values(), strict=True)]
    sums = {name: sha256(data) for name, data in zip(FILES, made, strict=True)}
    for name, data in zip(FILES, made, strict=True):
        remember(name, data, sums[name])
    note("svhn", {"files": identity(files), "sums": sums, "official": FILES})
    return made


def _official(file: Path, checksum: str) -> Bytes:
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != checksum:
        records = read_mat(file)  # what is wrong with its form says more than a checksum does
        fail(
            "NET514",
            f"`{file}` is not the official file: it has another checksum ({len(records):,} images are in it)",
            expected=f"sha256 {checksum}",
            found=f"sha256 {found}",
            note="delete the file and get the official one",
        )
    return read_mat(file)


def _split(records: Bytes) -> tuple[torch.Tensor, torch.Tensor]:
    whole = torch.from_numpy(records)
    return whole[:, 1:].reshape(-1, 3, 32, 32), whole[:, 0].long()


def _wrong_form(path: Path, found: str) -> NoReturn:
    fail(
        "NET515",
        f"`{path}` is not a file of SVHN's cropped digits",
        expected="X of 32 x 32 x 3 x n bytes and y of n x 1",
        found=found,
        note="the file is another one or is cut short; get train_32x32.mat, extra_32x32.mat and test_32x32.mat",
    )
