"""The programs ffmpeg and ffprobe, run with pipes: they end when we do, and what they complain of is told."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn

from netdsl.diagnostics import fail


@dataclass(frozen=True, slots=True)
class Running:
    """An ffmpeg at work, and what it complains of."""

    process: "subprocess.Popen[bytes]"
    complaints: IO[bytes]

    @property
    def source(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def sink(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def ended(self, message: str, expected: str) -> None:
        """Wait for its end. Errors: DiagnosticsError with NET661 where it has failed"""
        if self.process.wait():
            self.complaints.seek(0)
            refuse(message, expected, last_line(self.complaints.read()) or f"exit code {self.process.returncode}")


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """ffmpeg, until the block ends, however it does; in a session of its own, so that Ctrl-C is ours to handle."""
    command = [program("ffmpeg"), "-v", "error", "-y", *arguments]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - files of the user's own choice, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, start_new_session=True
        )
        made = Running(process, complaints)
        try:
            yield made
        finally:
            process.kill()
            process.wait()
            for pipe in (made.source, made.sink):
                with suppress(BrokenPipeError):  # what was left for a process that has ended
                    pipe.close()


def probed(path: Path, *asked: str) -> dict[str, Any]:
    """What ffprobe finds out about a file. Errors: DiagnosticsError with NET661"""
    command = [program("ffprobe"), "-v", "error", *asked, "-of", "json", "-i", str(path.absolute())]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        refuse(f"`{path}` is no film", "a file that ffmpeg reads", last_line(done.stderr))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def has_encoder(name: str) -> bool:
    return name in _encoders()


def program(name: str) -> str:
    """Where it is. Errors: DiagnosticsError with NET661 where it is not installed"""
    found = shutil.which(name)
    if found is None:
        refuse(
            f"films need `{name}`, which is not installed",
            "ffmpeg, as your system's packages have it",
            "nothing of that name on the path",
            "apt install ffmpeg, brew install ffmpeg, winget install ffmpeg; pictures need none of it",
        )
    return found


def refuse(message: str, expected: str, found: str, note: str | None = None) -> NoReturn:
    fail("NET661", message, expected=expected, found=found, note=note)


def last_line(complaints: bytes) -> str:
    lines = complaints.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


@lru_cache(1)
def _encoders() -> frozenset[str]:
    command = [program("ffmpeg"), "-v", "error", "-encoders"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    return frozenset(words[1] for line in done.stdout.splitlines() if len(words := line.split()) > 1)
