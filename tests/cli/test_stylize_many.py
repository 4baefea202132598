"""A trained net on a large picture, a folder and a film, as a person types it."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from ..outside import made_film
from .conftest import Command, environment

NET = "net small { input 3xHxW  C3-8 I R  C3-8/2 I R  U2 C3-3 I tanh(scale = 150) }"
SMALL = ("--set-recipe", "resize=32, batch=2, passes=1", "--epochs", "1", "--style-size", "48")


def flat(text: str) -> str:
    return " ".join(text.split())


def save(path, seed: int, size=(40, 32)) -> None:
    path.parent.mkdir(exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def run(netdsl: Command, tmp_path):
    """Of two styles."""
    for number in range(4):
        save(tmp_path / "photos" / f"{number}.png", number)
    wanted = ("--style", "starry", "--style", "surf", "--data", "folder:photos", "--out", "run")
    done = netdsl("train", NET, *wanted, *SMALL)
    assert done.exit_code == 0, done.output
    return "run"


@pytest.fixture
def film(tmp_path):
    return made_film(tmp_path / "film.mp4", "-f", "lavfi", "-i", "testsrc=duration=0.4:size=64x48:rate=25").name


def test_tiles(netdsl: Command, run, tmp_path) -> None:
    save(tmp_path / "large.png", 7, (150, 131))
    options = ("large.png", "--model", run, "--style", "surf", "--precision", "fp32", "--json")
    whole = json.loads(netdsl("stylize", *options, "-o", "whole.png").stdout)
    tiled = json.loads(netdsl("stylize", *options, "--tile", "64", "-o", "tiled.png").stdout)
    assert whole["tile"] is None and tiled["tile"] == 64 and tiled["size"] == [150, 131]
    with Image.open(tmp_path / "whole.png") as a, Image.open(tmp_path / "tiled.png") as b:
        apart = np.asarray(a).astype(int) - np.asarray(b).astype(int)
    assert abs(apart).max() <= 1 and (apart != 0).mean() < 0.01  # a byte, where rounding was near
    assert netdsl("stylize", *options, "--tile", "8", "-o", "c.png").exit_code == 2


def test_a_folder(netdsl: Command, run, tmp_path) -> None:
    (tmp_path / "photos" / "deep").mkdir()
    save(tmp_path / "photos" / "deep" / "a.jpg", 9)
    done = netdsl("stylize", "photos", "--model", run, "--style", "surf:0.5,starry:0.5", "-o", "painted")
    assert done.exit_code == 0, done.output
    assert "folder      painted, 5 pictures" in done.stdout
    with Image.open(tmp_path / "painted" / "deep" / "a.jpg") as made:
        assert made.size == (40, 32) and made.format == "JPEG"
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    again = ("stylize", "photos", "--model", run, "--style", "surf", "-o", "painted", "--json")
    refused = netdsl(*again)
    assert refused.exit_code == 1 and "NET652" in refused.stderr
    done = netdsl(*again, "--force", "--size", "64")
    shown = json.loads(done.stdout)
    assert done.exit_code == 1 and "left out: photos/notes.txt: not an image" in done.stderr
    assert shown["pictures"] == 5 and shown["left_out"][0]["file"] == "photos/notes.txt"
    with Image.open(tmp_path / "painted" / "0.png") as made:
        assert made.size == (64, 51)


def test_a_film(netdsl: Command, run, film, tmp_path) -> None:
    options = (film, "--model", run, "--style", "surf")
    done = netdsl("stylize", *options, "--smooth", "0.7")
    assert done.exit_code == 0, done.output
    assert "film        stylized.mp4, 64x48, 10 frames, 25 frames a second" in done.stdout
    assert "NET652" in netdsl("stylize", *options).stderr
    shown = json.loads(netdsl("stylize", *options, "--size", "32", "-o", "b.mkv", "--json").stdout)
    assert shown["film"] == "b.mkv" and shown["frames"] == 10 and shown["size"] == [32, 24] and shown["rate"] == "25"


def test_ctrl_c_leaves_nothing_half_written(netdsl: Command, run, tmp_path) -> None:
    """The signal goes to all that the terminal runs, ffmpeg too if it were of the same group."""
    made_film(tmp_path / "long.mp4", "-f", "lavfi", "-i", "testsrc=duration=120:size=64x48:rate=25")
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"  # ignored in some background jobs
        "from netdsl.cli.app import main; main()"
    )
    command = [sys.executable, "-c", code, "stylize", "long.mp4", "--model", run, "--style", "surf"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, start_new_session=True)
    for _ in range(600):  # until a frame has come through
        if list(tmp_path.glob(".stylized.mp4*")):
            break
        time.sleep(0.1)
    assert list(tmp_path.glob(".stylized.mp4*")) and process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130 and b"Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "run", "long.mp4"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("photos", "--style", "wafe"), 1, "NET674"),
        (("photos", "--style", "all"), 2, "not of a folder"),
        (("photos", "--between", "starry,surf"), 2, "not of a folder"),
        (("photos", "--style", "surf", "-o", "a.png"), 2, "into a folder"),
        (("photos", "--style", "surf", "--smooth", "0.5"), 2, "is for a film"),
        (("empty", "--style", "surf"), 1, "has no pictures"),
        (("photos", "--style", "surf", "-o", "photos/../photos", "--force"), 1, "painted into itself"),
        (("twice", "--style", "surf"), 1, "two files would become `stylized/a.gif.png`"),
        (("none.mp4", "--style", "surf"), 1, "NET661"),
        (("bad.mp4", "--style", "surf"), 1, "NET661"),
        (("bad.mp4", "--style", "surf", "--smooth", "1"), 2, "below 1"),
        (("bad.mp4", "--style", "surf", "-o", "a.png"), 2, ".mkv"),
        (("bad.mp4", "--style", "surf", "-o", "no/a.mp4"), 2, "make it first"),
    ],
)
def test_what_cannot_be_painted(netdsl: Command, tmp_path, words, code, said, request) -> None:
    if said in ("NET674", "has no pictures"):
        request.getfixturevalue("run")
    (tmp_path / "photos").mkdir(exist_ok=True)
    save(tmp_path / "photos" / "0.png", 0)
    (tmp_path / "empty").mkdir()
    for name in ("a.gif", "a.gif.png"):
        save(tmp_path / "twice" / name, 1)
    (tmp_path / "bad.mp4").write_text("no film")
    before = sorted(tmp_path.rglob("*"))
    done = netdsl("stylize", *words, "--model", "run")
    assert done.exit_code == code, done.output
    assert said in flat(done.stderr)
    assert sorted(tmp_path.rglob("*")) == before


def test_smooth_without_a_model(netdsl: Command) -> None:
    done = netdsl("stylize", "--style", "starry", "--smooth", "0.5")
    assert done.exit_code == 2 and "--model RUN" in flat(done.stderr)
