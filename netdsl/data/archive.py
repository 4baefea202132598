"""Members of a packed tar archive, read into memory: an archive can neither write a file nor fill the memory."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, NoReturn

import numpy as np

from netdsl.data.store import Bytes
from netdsl.diagnostics import fail

PACKED: dict[bytes, Callable[[Path], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
"""How the file is opened that starts with these bytes."""


class _TooLargeError(Exception):
    """More was unpacked than the data set can have."""


class _Limited(io.RawIOBase):
    """A stream that gives so many bytes and no more. Headers of a tar file can be as large as members."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self.file, self.left = file, limit

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise _TooLargeError
        return data


def read_archive(archive: Path, folder: str, wanted: Collection[str], limit: int) -> Iterator[tuple[str, Bytes]]:
    """The wanted members in their order, by name without the folder; whatever else the archive has is passed over.

    Errors: NET513 a damaged archive, NET518 one that unpacks to more than `limit` bytes, or has a link or a name that
    leaves the folder, which no official archive has
    """
    left = set(wanted)
    try:
        with _opened(archive) as file, tarfile.open(None, "r|", _Limited(file, limit)) as tar:
            for member in tar:
                _check_member(archive, member)
                name = member.name.removeprefix("./").removeprefix(folder)
                if name not in left or not member.isfile():
                    continue
                content = tar.extractfile(member)
                assert content is not None
                left.discard(name)
                yield name, np.frombuffer(content.read(), np.uint8)
                if not left:
                    return
    except _TooLargeError:
        _refused(archive, f"at most {limit:,} bytes, unpacked", "more")
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


def _opened(archive: Path) -> IO[bytes]:
    with archive.open("rb") as file:
        start = file.read(8)
    opener = next((opener for magic, opener in PACKED.items() if start.startswith(magic)), None)
    packed: IO[bytes] = opener(archive) if opener else archive.open("rb")
    return packed


def _check_member(archive: Path, member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        _refused(archive, "names inside of its own folder", f"`{member.name}`")
    if not (member.isfile() or member.isdir()):
        _refused(archive, "files and folders", f"`{member.name}`, a link or a device")


def _refused(archive: Path, expected: str, found: str) -> NoReturn:
    fail(
        "NET518",
        f"`{archive}` is not unpacked: no official archive is like this",
        expected=expected,
        found=found,
        note="delete the file and get the official one; nothing of this one was written to the disk",
    )
