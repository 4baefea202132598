"""Small data files made here, a cache of its own for each test, and the real files where there are some."""

import gzip
import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from netdsl.data import cifar, mnist


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NETDSL_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def real_data():
    """The folder with the official files: `$NETDSL_DATA`, else `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("NETDSL_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
    if not (folder / "mnist").is_dir():
        (pytest.fail if os.environ.get("NETDSL_REQUIRE_DATA") else pytest.skip)(f"no real data in {folder}")
    return folder


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


def archive(path: Path, members: dict[str, bytes], prefix: str = cifar.FOLDER) -> None:
    with tarfile.open(path, f"w:{path.suffix[1:]}") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(prefix + name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


@pytest.fixture
def tiny_cifar(monkeypatch):
    """Seven members with 4 records a batch; their checksums take the official ones' place."""
    rng = np.random.default_rng(4)
    members = {cifar.NAMES: b"airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"}
    for name in (*cifar.TRAIN, cifar.TEST):
        records = rng.integers(0, 256, (4, cifar.RECORD), np.uint8)
        records[:, 0] = [1, 9, 0, 5]
        members[name] = records.tobytes()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    monkeypatch.setattr(cifar, "MEMBERS", sums)
    return members


@pytest.fixture
def pack():
    """Write members into an archive, packed as its name says."""
    return archive


@pytest.fixture
def as_idx():
    return idx
