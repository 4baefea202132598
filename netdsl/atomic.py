"""Files that are there whole or not at all: written beside, then renamed."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"  # ends the name of a file that is not whole yet


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A new name in the folder of `path`; what the caller writes there replaces `path` once it is safe on the disk.

    When anything goes wrong, Ctrl-C included, the new file is removed and `path` is as it was.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def try_writing(folder: Path) -> None:
    """Make a file there and take it away again: what could not be written is told before any work. Errors: OSError"""
    trial = folder / f".{secrets.token_hex(4)}{PART}"
    try:
        trial.touch(exist_ok=False)
    finally:
        trial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Names in a folder are safe on the disk as well; Windows, which opens no folders, sees to it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_parts(folder: Path) -> None:
    """Remove what a process that was killed while it wrote has left; nobody else may be writing there."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
