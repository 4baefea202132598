"""What tests take from outside the project: real data and other programs. Absent, a test is skipped, or fails in CI."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = bool(os.environ.get("NETDSL_REQUIRE_DATA"))
FOLDER = Path(os.environ.get("NETDSL_DATA") or Path(__file__).parents[1].parent / "shared" / "data")
"""Read here, since tests put these variables aside."""


def real(name: str) -> Path:
    """A file or folder of real data: in `$NETDSL_DATA`, else in `../shared/data` beside the checkout."""
    if not (FOLDER / name).exists():
        _absent(f"no {name} in {FOLDER}")
    return FOLDER / name


def made_film(path: Path | str, *inputs: str) -> Path:
    """What ffmpeg makes of these inputs of its own."""
    if shutil.which("ffmpeg") is None:
        _absent("no ffmpeg")
    subprocess.run(["ffmpeg", "-v", "error", *inputs, "-pix_fmt", "yuv420p", str(path)], check=True)
    return Path(path)


def _absent(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
