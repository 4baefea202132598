"""`netdsl cam` as a person types it."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from netdsl import compile as compile_net
from netdsl import save_weights

from .conftest import Command

NET = """net cats(classes = 3) { input 3x16x16  C3-6/2 R @early  C3-8 R  G F{classes} }
recipe imagenet { normalize = imagenet  resize = 20 }
"""
VGG = """net fixed { input 3x16x16  C3-6 R P  F8 R F3 }
recipe imagenet { normalize = imagenet }
"""
FLAT = """net flat { input 3x16x16  F8 R F3 }
recipe imagenet { normalize = imagenet }
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A net, weights for it, another net's, and three pictures."""
    torch.manual_seed(0)
    for name, text in (("cats", NET), ("fixed", VGG), ("flat", FLAT)):
        (tmp_path / f"{name}.net").write_text(text)
        save_weights(compile_net(text), tmp_path / f"{name}.safetensors")
    for number, size in enumerate(((40, 30), (30, 40), (25, 25))):
        noise = torch.randint(0, 256, (*size[::-1], 3), generator=torch.Generator().manual_seed(number)).byte()
        (tmp_path / "photos").mkdir(exist_ok=True)
        Image.fromarray(noise.numpy()).save(tmp_path / "photos" / f"{number}.png")
    return tmp_path


CATS = ("cam", "cats.net", "--weights", "cats.safetensors")


def test_a_picture_and_a_table(netdsl: Command, place: Path) -> None:
    result = netdsl(*CATS, "photos/0.png", "--class", "top2")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("net         cats\nmaps        cam at relu1\n")
    assert "picture     0-cam.png" in result.stdout and (place / "0-cam.png").exists()
    again = netdsl(*CATS, "photos/0.png")
    assert again.exit_code == 1 and "error[NET638]" in again.output
    assert netdsl(*CATS, "photos/0.png", "--force").exit_code == 0


def test_json(netdsl: Command, place: Path) -> None:
    result = netdsl(*CATS, "photos", "--class", "all", "-o", "seen", "--npy", "--json")
    assert result.exit_code == 0, result.output
    images = json.loads(result.stdout)["images"]
    assert [image["file"] for image in images] == ["photos/0.png", "photos/1.png", "photos/2.png"]
    assert set(images[0]) == {"file", "output", "method", "at", "classes", "error"}
    for image in images:
        assert Path(image["output"]).exists() and Path(image["output"]).with_suffix(".npy").exists()
        assert set(image["classes"][0]) == {"index", "name", "probability", "logit", "peak", "box"}
        assert sum(each["probability"] for each in image["classes"]) == pytest.approx(1)
        with Image.open(image["file"]) as picture:
            assert all(
                0 <= place < side
                for each in image["classes"]
                for place, side in zip(each["peak"], picture.size, strict=True)
            )
    assert images[0]["error"] is None and images[0]["method"] == "cam"


def test_one_bad_image_of_three(netdsl: Command, place: Path) -> None:
    (place / "photos" / "1.png").write_text("no picture")
    result = netdsl(*CATS, "photos", "missing.jpg", "--json")
    assert result.exit_code == 1
    images = json.loads(result.stdout)["images"]
    assert [image["error"] for image in images] == [None, "not an image", None, "no such file"]
    assert result.stderr.count("error[NET607]") == 2 and "`photos/1.png` cannot be looked at" in result.stderr
    assert sorted(path.name for path in (place / "cam").iterdir()) == ["0-cam.png", "2-cam.png"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((*CATS, "photos", "--class", "dog"), "NET605", "there is no class `dog`"),
        ((*CATS, "photos", "--at", "@erly"), "NET209", "did you mean `@early`?"),
        ((*CATS, "photos", "--at", "linear1"), "NET606", "there is no map at `linear1`"),
        ((*CATS, "photos", "--method", "cam", "--at", "@early"), "NET606", "--method grad-cam"),
        ((*CATS, "photos", "--head", "aux"), "NET603", "no head `aux`"),
        ((*CATS, "photos", "-o", "one.png"), "NET608", "-o one makes a folder"),
        (("cam", "cats.net", "photos"), "NET600", "--weights FILE"),
        (("cam", "nothing", "photos"), "NET600", "nothing of that name"),
        (("cam", "cats.net", "photos", "--weights", "fixed.safetensors"), "NET521", "`conv2` (weight 8x6x3x3, bias 8)"),
        (("cam", "cats.net", "photos", "--weights", "photos/0.png"), "NET520", "cannot be read as weights"),
        (("cam", "fixed.net", "photos", "--weights", "fixed.safetensors"), "NET604", "netdsl convert"),
        (("cam", "flat.net", "photos", "--weights", "flat.safetensors"), "NET604", "--method grad-cam"),
        (
            ("cam", "flat.net", "photos", "--weights", "flat.safetensors", "--method", "grad-cam"),
            "NET606",
            "has no feature maps to look at",
        ),
    ],
)
def test_messages(netdsl: Command, place: Path, words: tuple[str, ...], code: str, says: str) -> None:
    result = netdsl(*words)
    assert result.exit_code == 1 and f"error[{code}]" in result.stderr and says in result.stderr, result.output
    assert not list(place.glob("**/*-cam.png")), "nothing is written"


def test_where_there_is_no_exact_map(netdsl: Command, place: Path) -> None:
    words = ("cam", "fixed.net", "photos/0.png", "--weights", "fixed.safetensors", "--method", "grad-cam")
    result = netdsl(*words)
    assert result.exit_code == 0 and "maps        grad-cam at relu1" in result.stdout
    assert "takes pictures of one size only" in result.stderr


def test_a_place_means_grad_cam(netdsl: Command, place: Path) -> None:
    result = netdsl(*CATS, "photos/0.png", "--at", "@early", "--set", "classes=3", "--set-recipe", "resize=16")
    assert result.exit_code == 0 and "maps        grad-cam at @early" in result.stdout, result.output


def test_a_wrong_command_line(netdsl: Command, place: Path) -> None:
    assert netdsl(*CATS, "photos", "--method", "gradcam").exit_code == 2
    assert netdsl(*CATS).exit_code == 2
    assert netdsl(*CATS, "photos", "-o", "").exit_code == 2


def test_an_animation_says_which_picture(netdsl: Command, place: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(place / "a.gif", save_all=True, append_images=frames[1:])
    result = netdsl(*CATS, "a.gif")
    assert result.exit_code == 0 and "a.gif: the first of 2 pictures" in result.stderr
