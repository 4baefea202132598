"""Whatever a file holds: a network or errors, and a tidy form; never a traceback, a hang, or memory over the limit.

`make fuzz` runs tens of thousands of inputs, the suite the same few each time. The compiler runs in a process of its
own, which may have MEMORY and takes at most SECONDS for an input.
"""

import json
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .fuzzing import TIMES, files_with_known_names, fuzz, mutated, random_bytes, random_files, random_words

MEMORY = 1024  # MiB of addresses: three times what the largest net within the limits takes
SECONDS = 60  # an input at the limits of nodes and steps takes some seconds on a busy machine


class Worker:
    """The process, started again whenever an input has ended it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.seen: Counter[str] = Counter()

    def run(self, data: bytes) -> None:
        if self.process is None:
            command = [sys.executable, str(Path(__file__).with_name("fuzz_worker.py")), str(MEMORY)]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(data.hex() + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.stop()
            raise AssertionError(f"{'no answer' if ready else f'more than {SECONDS} s'} for {data!r}")
        answer = json.loads(line)
        assert "traceback" not in answer, f"{answer['traceback']}\nfor {data!r}"
        self.seen["inputs"] += 1
        self.seen["with a net"] += bool(answer["nets"])
        self.seen["with errors"] += bool(answer["errors"])
        self.seen["tidy"] += answer["tidy"]

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.stop()
    if TIMES:
        sys.stdout.write(f"\n{dict(made.seen)}\n")


@fuzz(40)
@given(random_files)
def test_random_files(worker, text):
    worker.run(text.encode())


@fuzz(40)
@given(files_with_known_names)
def test_files_with_known_names(worker, text):
    worker.run(text.encode())


@fuzz(60)
@given(st.integers(0, 2**48))
def test_bundled_nets_with_something_changed(worker, seed):
    worker.run(mutated(seed).encode("utf-8", "surrogatepass"))


@fuzz(40)
@given(random_bytes)
def test_random_bytes(worker, data):
    worker.run(data)


@fuzz(40)
@given(random_words)
def test_random_words(worker, words):
    worker.run(f"net a {{ input 3x8x8 {' '.join(words)} }}".encode())
    worker.run("".join(words).encode())
