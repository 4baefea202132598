"""Small data files made here, a cache of its own for each test, and the real files where there are some."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from netdsl.data import cifar, mnist, svhn

from ..outside import real


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NETDSL_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def real_data():
    """The folder with the official files."""
    return real("mnist").parent


def idx(array: np.ndarray) -> bytes:
    """An idx file of bytes: magic number, counts, contents."""
    return b"".join(n.to_bytes(4, "big") for n in (2048 + array.ndim, *array.shape)) + array.astype(np.uint8).tobytes()


@pytest.fixture
def tiny_mnist(tmp_path, monkeypatch):
    """A data folder with 30 + 20 digits, which takes the official files' place: names and checksums are its own."""
    rng = np.random.default_rng(3)
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    files = {}
    for split, count in (("train", 30), ("t10k", 20)):
        contents = {
            f"{split}-images-idx3-ubyte": idx(rng.integers(0, 256, (count, 28, 28))),
            f"{split}-labels-idx1-ubyte": idx(np.arange(count) % 10),
        }
        for name, content in contents.items():
            packed = gzip.compress(content, mtime=0)
            (folder / f"{name}.gz").write_bytes(packed)
            files[name] = (hashlib.sha256(packed).hexdigest(), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(mnist, "FILES", {name: files[name] for name in mnist.FILES})
    return folder


def archive(path: Path, members: dict[str, bytes], prefix: str = cifar.CIFAR10.folder) -> None:
    with tarfile.open(path, f"w:{path.suffix[1:]}") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def sums(members: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}


def injected(monkeypatch, form: cifar.Form, members: dict[str, bytes]) -> None:
    """The members' checksums take the official ones' place."""
    monkeypatch.setitem(cifar.FORMS, form.name, replace(form, members=sums(members)))


@pytest.fixture
def tiny_cifar(monkeypatch):
    """Six members with 4 records a batch, which take the official ones' place."""
    rng, form = np.random.default_rng(4), cifar.CIFAR10
    members = {}
    for name in (*form.train, form.test):
        records = rng.integers(0, 256, (4, form.record), np.uint8)
        records[:, 0] = [1, 9, 0, 5]
        members[name] = records.tobytes()
    injected(monkeypatch, form, members)
    return members


@pytest.fixture
def tiny_cifar100(monkeypatch):
    """300 + 100 records of the official form: the group of classes, the class, the pixels."""
    rng, form, members = np.random.default_rng(5), cifar.CIFAR100, {}
    for name, count in (("train.bin", 300), ("test.bin", 100)):
        records = rng.integers(0, 256, (count, form.record), np.uint8)
        records[:, 0], records[:, 1] = np.arange(count) % 20, np.arange(count) % 100
        members[name] = records.tobytes()
    injected(monkeypatch, form, members)
    return members


@pytest.fixture
def tiny_svhn(tmp_path, monkeypatch):
    """Three .mat files of the official form with few images, whose checksums take the official ones' place."""
    rng = np.random.default_rng(6)
    folder = tmp_path / "data" / "svhn"
    folder.mkdir(parents=True)
    found = {}
    for name, count in zip(svhn.FILES, (50, 40, 30), strict=True):
        images = rng.integers(0, 256, (32, 32, 3, count), np.uint8)
        labels = (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]
        scipy.io.savemat(folder / name, {"X": images, "y": labels}, do_compression=True)
        found[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    monkeypatch.setattr(svhn, "FILES", found)
    monkeypatch.setattr(svhn, "HELD_OUT", dict(zip(found, (2, 1), strict=False)))
    return folder


@pytest.fixture
def pack():
    """Write members into an archive, packed as its name says."""
    return archive


@pytest.fixture
def as_idx():
    return idx
