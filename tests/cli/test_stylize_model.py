"""Nets that paint as a person trains them and paints with them."""

import json

import numpy as np
import pytest
from PIL import Image

from .conftest import Command

NET = "net small { input 3xHxW  C3-8 I R  C3-8/2 I R  U2 C3-3 I tanh(scale = 150) }"
SMALL = ("--set-recipe", "resize=32, batch=2, passes=1", "--epochs", "1", "--style-size", "48")


def flat(text: str) -> str:
    return " ".join(text.split())


def save(path, seed: int) -> None:
    path.parent.mkdir(exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((40, 32), Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def photos(tmp_path):
    for number in range(4):
        save(tmp_path / "photos" / f"{number}.png", number)
    return "folder:photos"


def trained(netdsl: Command, photos: str, *styles: str):
    wanted = [part for style in styles for part in ("--style", style)]
    return netdsl("train", NET, *wanted, "--data", photos, "--out", "run", *SMALL)


def test_train_and_paint(netdsl: Command, photos, tmp_path) -> None:
    done = trained(netdsl, photos, "starry", "surf.jpg")
    assert done.exit_code == 0, done.output
    assert "next        netdsl stylize PHOTO --model run --style all\n" in done.stdout and "test loss" in done.stdout
    for options, size in (
        (("--style", "surf"), (40, 32)),
        (("--style", "starry:0.7,surf:0.3", "--size", "64"), (64, 51)),
        (("--style", "all"), None),
        (("--between", "starry,surf"), None),
    ):
        done = netdsl("stylize", "photos/1.png", "--model", "run", *options, "-o", "a.png", "--force")
        assert done.exit_code == 0, done.output
        with Image.open(tmp_path / "a.png") as made:
            assert size is None or made.size == size
            assert f"picture     a.png, {made.width}x{made.height}" in done.stdout
    missing = netdsl("stylize", "holiday", "--model", "run", "--style", "surf", "-o", "painted")
    assert missing.exit_code == 1 and "NET651" in missing.stderr and "`holiday` is not there" in missing.stderr
    shown = json.loads(netdsl("stylize", "photos/1.png", "--model", "run", "--style", "surf", "--json").stdout)
    assert shown["styles"] == ["starry", "surf"] and shown["size"] == [40, 32]


def test_add_a_style(netdsl: Command, photos, tmp_path) -> None:
    assert trained(netdsl, photos, "starry").exit_code == 0
    options = ("--add-style", "embers", "--init-from", "run", "--out", "more")
    done = netdsl("train", *options)
    assert done.exit_code == 0, done.output
    assert netdsl("stylize", "photos/1.png", "--model", "more", "--style", "embers").exit_code == 0
    assert "NET672" in netdsl("eval", "more").stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--style", "wafe"), "NET674"),
        ((), "NET674"),
        (("--style", "surf:0"), "NET674"),
        (("--style", "surf:x"), "is not NAME or NAME:WEIGHT"),
        (("--style", "surf,surf"), "given twice"),
        (("--between", "surf"), "is not two styles"),
        (("--between", "surf,starry", "--style", "surf"), "leave --style out"),
        (("--steps", "4"), "without a trained net"),
    ],
)
def test_what_cannot_be_painted(netdsl: Command, photos, tmp_path, options, said) -> None:
    assert trained(netdsl, photos, "starry", "surf").exit_code == 0
    done = netdsl("stylize", "photos/1.png", "--model", "run", *options)
    assert done.exit_code != 0 and said in flat(done.stderr)
    assert not (tmp_path / "stylized.png").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("stylize", "--style", "starry", "--between", "a,b"), "--model RUN"),
        (("train", NET, "--style", "a.png", "--add-style", "b.png", "--data", "folder:x"), "learns all styles anew"),
        (("train", NET, "--add-style", "b.png", "--data", "folder:x"), "--init-from RUN"),
        (("train", NET, "--style-size", "64", "--data", "shapes"), "for nets that paint"),
        (("train", NET, "--style", "starry", "--data", "folder:nothing"), "NET511"),
        (("train", NET, "--style", "stary", "--data", "folder:photos"), "NET650"),
        (("train", NET, "--style", "starry", "--data", "folder:photos", "--find-lr"), "tell classes apart"),
        (("stylize", "photos/1.png", "--model", "nothing", "--style", "a"), "NET552"),
    ],
)
def test_options_that_make_no_sense(netdsl: Command, photos, options, said) -> None:
    done = netdsl(*options)
    assert done.exit_code != 0 and said in flat(done.stderr), done.stderr
