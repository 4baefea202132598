"""Files that a command is asked to write: their forms; one that is there already is the user's until they say so."""

from collections.abc import Iterable
from pathlib import Path

from netdsl.diagnostics import fail

FORMS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


def check_picture(path: Path) -> None:
    """Reports NET625 for a name that is no picture's."""
    if path.suffix.lower() not in FORMS:
        expected = f"a name that ends in {', '.join(FORMS)}, or a folder"
        fail("NET625", f"`{path}` is no name for a picture", expected=expected, found=path.suffix)


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
