"""kill -9 at any moment of a run, also while a file of it is written: the numbers at the end are those of no kill.

`make soak` kills as often as NETDSL_SOAK says, at new moments each time; the slow suite does it a few times.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SHORT = 3
KILLS = int(os.environ.get("NETDSL_SOAK", SHORT))
NET = "C3-32 B R D.2 P C3-64 B R P C3-64 B R G F10"
TRAIN = ["--subset", "1200", "--epochs", "4", "--batch", "40", "--deterministic", "--seed", "3"]
RECIPE = ["--set-recipe", "augment=[pad_crop(3), flip, cutout(5)], ema=0.98, optimizer=adam(lr=0.002)"]


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "netdsl", "train", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def end(process):
    said, _ = process.communicate(timeout=600)
    return process.returncode, said


def results(run):
    rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    weights = [(run / name).read_bytes() for name in ("model.safetensors", "best.safetensors")]
    return [row[:6] for row in rows], weights


def written(run):
    return any(run.glob(".*.part"))


@pytest.mark.slow
def test_killed_again_and_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    fresh = [NET, "--data", "shapes", *TRAIN, *RECIPE, "--save-every", "1s"]
    begun = time.monotonic()
    code, said = end(start(*fresh, "--out", "whole"))
    assert code == 0, said
    length = time.monotonic() - begun
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    kills, killed_while_writing, runs = 0, 0, 0
    while kills < KILLS:
        run = Path(f"killed-{runs}")
        runs += 1
        code = None
        while code != 0 and not (run / "result.json").exists():  # it may be killed behind its last line
            resumable = (run / "config.yaml").exists()
            process = start(*(["--resume", str(run)] if resumable else [*fresh, "--out", str(run)]))
            if kills < KILLS:
                wait(process, run, chance, length)
                if process.poll() is None:
                    killed_while_writing += written(run)
                    process.send_signal(signal.SIGKILL)
                    kills += 1
            code, said = end(process)
            assert code in (0, -signal.SIGKILL), f"seed {seed}: {said}"
        assert results(run) == results(Path("whole")), f"seed {seed}, after {kills} kills"
        assert code != 0 or (not list(run.glob("*state*")) and not list(run.glob(".*")))
    sys.stdout.write(f"killed {kills} times, {killed_while_writing} of them with a file half written; seed {seed}\n")
    assert kills >= KILLS


def wait(process, run, chance, length):
    """Until some moment of the run, or, every other time, until a file is being written after that moment."""
    until = time.monotonic() + chance.uniform(0, length * 0.8)
    in_a_write = chance.random() < 0.5
    while process.poll() is None and (time.monotonic() < until or (in_a_write and not written(run))):
        time.sleep(0.0005 if time.monotonic() > until else 0.01)
