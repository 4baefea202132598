"""MNIST: 70,000 handwritten digits of 28x28 pixels, from the four gzipped idx files.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits"; an idx file is a magic number and the counts,
32 bits each with the highest byte first, then the bytes.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Remote, Say
from netdsl.data.store import Bytes, Source, members
from netdsl.diagnostics import fail

CLASS_NAMES = tuple(str(digit) for digit in range(10))
IMAGES, LABELS = 2051, 2049  # magic numbers
LARGEST = 64 << 20  # bytes of an unpacked file; the largest official one has 47,040,016
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")

# Name: sha256 of the gzipped file, for downloads, and of the idx file in it.
FILES = {
    "train-images-idx3-ubyte": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images-idx3-ubyte": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


def load(data_dir: Path | None, say: Say, meter: Meter | None = None) -> Dataset:
    data = members(source(), data_dir, say, meter)
    images, labels = (
        [_tensor(reader(data[f"{split}-{rest}"], f"{split}-{rest}")) for split in ("train", "t10k")]
        for reader, rest in ((read_images, "images-idx3-ubyte"), (read_labels, "labels-idx1-ubyte"))
    )
    return Dataset("mnist", images[0], labels[0].long(), images[1], labels[1].long(), CLASS_NAMES)


def source(mirrors: Sequence[str] | None = None) -> Source:
    urls = tuple(MIRRORS if mirrors is None else mirrors)
    remotes = tuple(
        Remote(f"{name}.gz", (f"{name}.gz",), tuple(f"{url}{name}.gz" for url in urls), packed)
        for name, (packed, _) in FILES.items()
    )
    return Source("mnist", remotes, {name: unpacked for name, (_, unpacked) in FILES.items()}, _unpack)


def read_images(data: Bytes, name: str) -> Bytes:
    """An idx file's images, n x 1 x height x width."""
    count, height, width = _header(data, name, IMAGES, 3)
    return data[16:].reshape(count, 1, height, width)


def read_labels(data: Bytes, name: str) -> Bytes:
    """An idx file's labels, n."""
    _header(data, name, LABELS, 1)
    labels = data[8:]
    if labels.size and labels.max() >= len(CLASS_NAMES):
        place = int((labels >= len(CLASS_NAMES)).argmax())
        fail(
            "NET516",
            f"`{name}` has a label that is no class",
            expected=f"labels from 0 to {len(CLASS_NAMES) - 1}",
            found=f"{labels[place]} as label number {place:,}, counted from 0",
            note="the file was changed; delete it and get the official one",
        )
    return labels


def _header(data: Bytes, name: str, magic: int, axes: int) -> NDArray[np.int64]:
    """The counts in the header, once they agree with the file's kind and length."""
    start = 4 + 4 * axes
    kind = "images" if magic == IMAGES else "labels"
    header = data[:start].tobytes()
    if len(header) < start or int.from_bytes(header[:4], "big") != magic:
        fail(
            "NET515",
            f"`{name}` is not an idx file of {kind}",
            expected=f"the magic number {magic} at its start",
            found=str(int.from_bytes(header[:4], "big")) if len(header) >= start else f"a file of {len(header)} bytes",
        )
    counts = np.frombuffer(header, ">u4", offset=4).astype(np.int64)
    length = start + int(counts.prod(dtype=object))
    if len(data) != length:
        fail(
            "NET515",
            f"`{name}` is not as long as its header says",
            expected=f"{length:,} bytes for {' x '.join(map(str, counts))}",
            found=f"{len(data):,} bytes",
        )
    return counts


def gunzip(path: Path) -> Bytes:
    try:
        with gzip.open(path) as file:
            return np.frombuffer(file.read(LARGEST), np.uint8)
    except EOFError:
        found = f"its end is missing ({path.stat().st_size:,} bytes are there)"
    except (gzip.BadGzipFile, zlib.error) as error:
        found = str(error)
    except OSError as error:
        found = error.strerror or str(error)
    return fail("NET513", f"`{path}` cannot be unpacked", expected="a whole gzip file", found=found, note=_AGAIN)


_AGAIN = "delete the file and get it again"


def _unpack(files: Sequence[Path]) -> Iterator[tuple[str, Path, Bytes]]:
    for name, file in zip(FILES, files, strict=True):
        data = gunzip(file)
        (read_images if "images" in name else read_labels)(data, str(file))
        yield name, file, data


def _tensor(data: Bytes) -> Tensor:
    return torch.from_numpy(data.copy())  # the copy: what was unpacked cannot be written to, which torch warns about
