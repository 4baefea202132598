"""Members of data files in the user's cache: unpacked once, kept as .npy, and checked each time they are read."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netdsl.atomic import written_beside
from netdsl.cache import cache_dir
from netdsl.data.files import Meter, Remote, Say, download, locate
from netdsl.diagnostics import fail

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Source:
    """A data set that comes in files. `unpack` gives member, file and contents, and fails if their form is wrong."""

    name: str
    remotes: tuple[Remote, ...]
    members: Mapping[str, str]
    """sha256 of each unpacked member: the checksums that count, however the members were packed."""
    unpack: Callable[[Sequence[Path]], Iterable[tuple[str, Path, Bytes]]]


def members(source: Source, data_dir: Path | None, say: Say, meter: Meter | None) -> dict[str, Bytes]:
    """The contents of each member, checked. Files that were unpacked before and have not changed are not read again."""
    files = locate(source.name, source.remotes, data_dir)
    if files is None or noted(source.name) == identity(files):
        cached = {name: recall(name, checksum) for name, checksum in source.members.items()}
        whole = {name: data for name, data in cached.items() if data is not None}
        if len(whole) == len(cached):
            return whole
    files = files or download(source.name, source.remotes, say, meter)
    say(f"unpacking {', '.join(dict.fromkeys(str(file.parent) for file in files))} (once)")
    unpacked = {}
    for name, file, data in source.unpack(files):
        _check(name, file, data, source.members[name])
        unpacked[name] = data
    for name, data in unpacked.items():
        remember(name, data, source.members[name])
    note(source.name, identity(files))
    return unpacked


def recall(name: str, checksum: str) -> Bytes | None:
    """A cached array of bytes, if it is there and whole."""
    try:
        data = np.load(_place(name, checksum), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = isinstance(data, np.ndarray) and data.dtype == np.uint8 and sha256(data) == checksum
    return data if whole else None


def remember(name: str, data: Bytes, checksum: str) -> None:
    """Keep an array; a cache that cannot be written only means a slower start the next time."""
    try:
        place = _place(name, checksum)
        place.parent.mkdir(exist_ok=True)
        with written_beside(place) as beside, beside.open("wb") as file:
            np.save(file, data, allow_pickle=False)
    except OSError:
        pass


def sha256(data: Bytes) -> str:
    return hashlib.sha256(np.ascontiguousarray(data).data).hexdigest()


def _check(name: str, file: Path, data: Bytes, checksum: str) -> None:
    found = sha256(data)
    if found != checksum:
        fail(
            "NET514",
            f"`{file}` is not the official file: {name} in it has another checksum",
            expected=f"sha256 {checksum}",
            found=f"sha256 {found}",
            note="delete the file and get the official one",
        )


def _place(name: str, checksum: str) -> Path:
    return cache_dir() / "decoded" / f"{name}-{checksum[:16]}.npy"


def identity(files: Sequence[Path]) -> list[list[str | int]]:
    return [[str(file.resolve()), (status := file.stat()).st_size, status.st_mtime_ns] for file in files]


def noted(name: str) -> object:
    """What was noted under a name: the files (path, bytes, time of change) that the members were last unpacked from."""
    try:
        return json.loads((cache_dir() / "decoded" / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None


def note(name: str, value: object) -> None:
    try:
        with written_beside(cache_dir() / "decoded" / f"{name}.json") as beside:
            beside.write_text(json.dumps(value))
    except OSError:
        pass
