"""CIFAR-10: 60,000 colour images of 32x32 pixels, from the binary version of the archive.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; a record is one byte for the label
and 3,072 for the pixels: red, green, blue, each row by row.
"""

import lzma
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Remote, Say
from netdsl.data.store import Bytes, Source, members
from netdsl.diagnostics import fail

CLASSES = 10
RECORD = 1 + 3 * 32 * 32  # bytes
LARGEST = 32 << 20  # bytes of a member; an official batch has 30,730,000
URLS = ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",)
ARCHIVE = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"  # sha256 of the official .tar.gz
FOLDER = "cifar-10-batches-bin/"
NAMES = "batches.meta.txt"
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = "test_batch.bin"

MEMBERS = {
    NAMES: "558e74b5e208382e186da55784b4bac2cd52e558448e1b5800990fdb28ed8033",
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    TEST: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}


def load(data_dir: Path | None, say: Say, meter: Meter | None = None) -> Dataset:
    data = members(source(), data_dir, say, meter)
    train = [read_batch(data[name], name) for name in TRAIN]
    test_labels, test_images = read_batch(data[TEST], TEST)
    names = data[NAMES].tobytes().decode("ascii").split()
    return Dataset(
        "cifar10",
        train_images=_tensor([images for _, images in train]),
        train_labels=_tensor([labels for labels, _ in train]).long(),
        test_images=_tensor([test_images]),
        test_labels=_tensor([test_labels]).long(),
        class_names=tuple(names),
    )


def source(urls: Sequence[str] | None = None) -> Source:
    patterns = ("cifar-10-binary.tar.gz", "cifar-10-binary.tar.*")
    remote = Remote("cifar-10-binary.tar.gz", patterns, tuple(URLS if urls is None else urls), ARCHIVE)
    return Source("cifar10", (remote,), MEMBERS, _unpack)


def read_batch(data: Bytes, name: str) -> tuple[Bytes, Bytes]:
    """A batch file's labels, n, and images, n x 3 x 32 x 32."""
    if not data.size or data.size % RECORD:
        fail(
            "NET515",
            f"`{name}` is not a batch of CIFAR-10",
            expected=f"a whole number of records of {RECORD:,} bytes",
            found=f"{data.size:,} bytes",
        )
    records = data.reshape(-1, RECORD)
    labels = records[:, 0]
    if labels.max() >= CLASSES:
        place = int((labels >= CLASSES).argmax())
        fail(
            "NET516",
            f"`{name}` has a label that is no class",
            expected=f"labels from 0 to {CLASSES - 1}",
            found=f"{labels[place]} in record {place:,}, counted from 0",
            note="the file was changed; delete it and get the official one",
        )
    return labels, records[:, 1:].reshape(-1, 3, 32, 32)


def _unpack(files: Sequence[Path]) -> Iterator[tuple[str, Path, Bytes]]:
    archive = files[0]
    missing = set(MEMBERS)
    for name, data in _read_members(archive):
        if name != NAMES:
            read_batch(data, f"{name} in {archive}")
        missing.discard(name)
        yield name, archive, data
    if missing:
        fail(
            "NET517",
            f"`{archive}` lacks members of CIFAR-10's binary version",
            expected=", ".join(FOLDER + name for name in MEMBERS),
            found=f"no {', no '.join(FOLDER + name for name in sorted(missing))}",
            note="get cifar-10-binary.tar.gz; the python and matlab versions are other files",
        )


def _read_members(archive: Path) -> Iterator[tuple[str, Bytes]]:
    """The members that are asked for, by name and only into memory: nothing else in the archive is unpacked."""
    wanted = dict.fromkeys(MEMBERS)
    try:
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                name = member.name.removeprefix("./").removeprefix(FOLDER)
                if name not in wanted or not member.isfile() or member.size > LARGEST:
                    continue
                file = tar.extractfile(member)
                assert file is not None
                del wanted[name]
                yield name, np.frombuffer(file.read(), np.uint8)
                if not wanted:
                    return
    except EOFError:
        found = f"its end is missing ({archive.stat().st_size:,} bytes are there)"
    except (tarfile.TarError, lzma.LZMAError, zlib.error) as error:
        found = str(error)
    except OSError as error:
        found = error.strerror or str(error)
    else:
        return
    fail(
        "NET513",
        f"`{archive}` cannot be unpacked",
        expected="a whole .tar.gz or .tar.xz archive",
        found=found,
        note="delete the file and get it again",
    )


def _tensor(parts: Sequence[Bytes]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))
