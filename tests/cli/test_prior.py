"""`netdsl prior` as a person types it."""

import json

import numpy as np
import pytest
from PIL import Image

from .conftest import Command, stopped_at_step

FAST = ("--set", "levels=2,f=8", "--steps", "4", "--precision", "fp32")


def flat(text):
    return " ".join(text.split())


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return "photo.png"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_denoise_is_the_first_task(netdsl: Command, tmp_path, photo) -> None:
    done = netdsl("prior", photo, *FAST)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("loss        0.") and "picture     denoised.png" in done.stdout
    assert "denoise to 48x32, 4 steps, fp32: about 0:0" in flat(done.stderr) and "step 4/4" in done.stderr
    assert Image.open(tmp_path / "denoised.png").size == (48, 32)
    assert names(tmp_path) == ["denoised.png", "photo.png"]


def test_inpaint_and_truth(netdsl: Command, tmp_path, photo) -> None:
    mask = Image.new("L", (48, 32))
    mask.paste(255, (8, 8, 20, 20))
    mask.save(tmp_path / "mask.png")
    done = netdsl("prior", photo, "--task", "inpaint", "--mask", "mask.png", "--truth", photo, *FAST)
    assert done.exit_code == 0, done.output
    assert "dB in the hole; what was in it: inf dB" in flat(done.stdout)
    made = np.asarray(Image.open(tmp_path / "inpainted.png")), np.asarray(Image.open(tmp_path / photo))
    assert (made[0][20:] == made[1][20:]).all() and (made[0][8:20, 8:20] != made[1][8:20, 8:20]).any()


def test_enlarge_and_json(netdsl: Command, tmp_path, photo) -> None:
    done = netdsl("prior", photo, "--task", "enlarge", "--factor", "3", *FAST, "--json", "--truth", photo)
    made = json.loads(done.stdout)
    assert Image.open(tmp_path / "enlarged.png").size == (144, 96) == tuple(made["size"])
    assert made["task"] == "enlarge" and made["steps"] == 4 and made["precision"] == "fp32"
    assert 0 < made["psnr"] < made["psnr_before"] and made["loss"] > 0 and made["picture"] == "enlarged.png"


def test_a_picture_is_reduced_and_that_is_said(netdsl: Command, tmp_path, photo) -> None:
    done = netdsl("prior", photo, *FAST, "--size", "32")
    assert "the picture of 48x32 is reduced first" in flat(done.stderr)
    assert Image.open(tmp_path / "denoised.png").size == (32, 21)


def test_pictures_on_the_way_and_nothing_is_written_over(netdsl: Command, tmp_path, photo) -> None:
    assert netdsl("prior", photo, *FAST, "--save-every", "2", "-o", "a.png").exit_code == 0
    assert names(tmp_path) == ["a-00002.png", "a-00004.png", "a.png", photo]
    before = (tmp_path / "a.png").read_bytes()
    assert (tmp_path / "a-00004.png").read_bytes() == before != (tmp_path / "a-00002.png").read_bytes()
    (tmp_path / "a.png").unlink()
    done = netdsl("prior", photo, *FAST, "--save-every", "2", "-o", "a.png")
    assert done.exit_code == 1 and "NET638" in done.stderr and "a-00002.png" in done.stderr
    assert netdsl("prior", photo, *FAST, "--save-every", "2", "-o", "a.png", "--force").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == before


def test_like_takes_the_settings_back(netdsl: Command, tmp_path, photo) -> None:
    assert netdsl("prior", photo, *FAST, "--seed", "3", "--jitter", "0.1", "-o", "a.png").exit_code == 0
    assert netdsl("prior", "--like", "a.png", "-o", "b.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert netdsl("prior", "--like", "a.png", "--seed", "4", "-o", "c.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "c.png").read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("no.png",), 1, "NET651"),
        (("photo.png", "--task", "inpaint", "--mask", "photo.txt"), 1, "NET651"),
        (("photo.png", "--truth", "no.png"), 1, "NET651"),
        (("photo.png", "--net", "squeezenet"), 1, "NET662"),
        (("photo.png", "--set", "widht=8"), 1, "NET204"),
        (("photo.png", "--like", "no.png"), 1, "NET658"),
        (("photo.png", "--task", "enlarge", "--size", "20"), 1, "NET651"),
        (("photo.png", "--device", "abacus"), 1, "NET580"),
        (("photo.png", "--task", "sharpen"), 2, "denoise"),
        (("photo.png", "--task", "inpaint"), 2, "--mask"),
        (("photo.png", "--mask", "photo.png"), 2, "inpaint"),
        (("photo.png", "--factor", "2"), 2, "enlarge"),
        (("photo.png", "--task", "enlarge", "--factor", "1"), 2, "from 2 to 16"),
        (("photo.png", "--steps", "0"), 2, "--steps"),
        (("photo.png", "--averaging", "1"), 2, "--averaging"),
        (("photo.png", "--rate", "nan"), 2, "--rate"),
        (("photo.png", "-o", "a.jpg"), 2, "a.png"),
        (("--seed", "1"), 2, "name the picture"),
    ],
)
def test_what_cannot_be_done(netdsl: Command, tmp_path, photo, words, code, text) -> None:
    done = netdsl("prior", *words)
    assert done.exit_code == code, done.output
    assert text in flat(done.stderr)
    assert names(tmp_path) == [photo]


def test_ctrl_c_leaves_the_picture_so_far(netdsl: Command, tmp_path, photo, monkeypatch) -> None:
    from netdsl.style.prior import restore

    pressed = stopped_at_step(2, restore.fit)
    monkeypatch.setattr(restore, "fit", pressed)
    done = netdsl("prior", photo, *FAST)
    assert done.exit_code == 130
    assert "stopped after 2 of 4 steps: denoised.png is the picture so far, 48x32" in flat(done.stderr)
    assert Image.open(tmp_path / "denoised.png").size == Image.open(tmp_path / photo).size
