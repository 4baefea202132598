"""Files that a command is asked to write: a file that is there already is the user's until they say otherwise."""

from collections.abc import Iterable
from pathlib import Path

from netdsl.diagnostics import fail


def check_new(paths: Iterable[Path], force: bool) -> None:
    """Reports NET638 for a file that is there, unless it may be written over, and for a folder of that name."""
    for path in paths:
        if path.is_dir() or (path.exists() and not force):
            fail(
                "NET638",
                f"`{path}` is there already",
                expected="a new name",
                found="a folder" if path.is_dir() else "a file",
                note="name another one with -o" + ("" if path.is_dir() else ", or write over it with --force"),
            )
