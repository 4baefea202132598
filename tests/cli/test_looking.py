"""The commands that draw what a net looks at, from words to files, JSON and exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from netdsl import compile as compile_net
from netdsl import save_weights

from .conftest import Command

NET = """
net small(classes = 5) { input 3x32x32  C3-8/2 B R  C3-12 B R @last  G F{classes} }
recipe imagenet { normalize = imagenet  resize = 40 }
"""
Looking = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def look(netdsl: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looking:
    """`look("saliency", "photos", ...)`: the net and its weights are put in; exit code, stdout, stderr."""
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    torch.manual_seed(0)
    (tmp_path / "small.net").write_text(NET)
    save_weights(compile_net(NET), tmp_path / "small.safetensors")
    noise = torch.Generator().manual_seed(0)
    (tmp_path / "photos").mkdir()
    for n in range(3):
        pixels = torch.randint(0, 256, (50, 60, 3), generator=noise).byte().numpy()
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{n}.png")

    def run(command: str, *words: object) -> tuple[int, str, str]:
        result = netdsl(command, "small.net", *words, "--weights", "small.safetensors")
        return result.exit_code, result.stdout, result.stderr

    return run


def test_saliency(look: Looking, tmp_path: Path) -> None:
    code, out, err = look("saliency", "photos", "--method", "integrated", "--steps", 4, "-o", "drawn")
    assert code == 0 and "from the baseline" in out, err
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [
        f"{n}-saliency-integrated.png" for n in range(3)
    ]
    code, out, _ = look("saliency", "photos/0.png", "--class", "3", "--json")
    (one,) = json.loads(out)["images"]
    assert code == 0 and one["class"]["index"] == 3 and one["output"] == "0-saliency-gradient.png"
    code, out, _ = look("saliency", "photos/0.png", "--at", "@last", "--channel", 7, "-o", "one.png", "--json")
    (one,) = json.loads(out)["images"]
    assert (one["at"], one["channel"], one["class"], one["output"]) == ("last", 7, None, "one.png")


def test_a_broken_image_is_told_and_the_others_done(look: Looking, tmp_path: Path) -> None:
    (tmp_path / "photos" / "1.png").write_bytes(b"not a picture")
    for command, *words in (
        ("saliency", "photos"),
        ("maps", "photos", "--at", "@last"),
        ("invariance", "photos"),
        ("patches", "--at", "@last", "--in", "photos"),
        ("features", "photos"),
    ):
        code, out, err = look(command, *words, "--json")
        assert code == 1 and "photos/1.png: not an image" in err, (command, err)
        told = json.loads(out)
        errors = [each for each in told.get("errors", told.get("images")) if each["error"]]
        assert [each["file"] for each in errors] == ["photos/1.png"]
    code, out, err = look("similar", "photos/0.png", "--in", "photos", "--json")
    assert code == 1 and len(json.loads(out)["neighbours"]) == 1
    assert len(list(tmp_path.glob("*-saliency-gradient.png"))) == 2


def test_excite_filters_maps(look: Looking, tmp_path: Path) -> None:
    code, out, err = look("excite", "--steps", 3, "--json")
    told = json.loads(out)
    assert code == 0 and [image["class"]["index"] for image in told["images"]] == [0, 1, 2, 3, 4], err
    code, out, _ = look("excite", "--at", "@last", "--channel", 2, "--steps", 3, "-o", "unit.png")
    assert code == 0 and "unit.png" in out
    code, out, _ = look("filters", "--json")
    assert (code, json.loads(out)["filters"]) == (0, 8)
    code, out, _ = look("maps", "photos/0.png", "--at", "@last", "--json")
    (one,) = json.loads(out)["images"]
    assert one["channels"] == 12 and one["size"] == [16, 16]
    for name in ("small-excite-class.png", "unit.png", "small-filters.png", "0-maps-last.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.format == "PNG"


def test_patches_and_invariance(look: Looking, tmp_path: Path) -> None:
    code, out, err = look("patches", "--at", "@last", "--in", "photos", "-n", 2, "--channel", 3, "--json")
    told = json.loads(out)
    assert code == 0 and told["receptive_field"] == [7, 7] and len(told["channels"][0]["patches"]) == 2, err
    assert (
        look("patches", "--at", "@last")[0] == 2
        and look("patches", "--at", "@last", "--in", "a", "--data", "b")[0] == 2
    )
    code, out, _ = look("invariance", "photos", "--json")
    told = json.loads(out)
    assert code == 0 and len(told["images"]) == 3 and told["output"] == "small-invariance.png"
    assert len(told["images"][0]["changes"][2]["probabilities"]) == 37


def test_features_and_similar(look: Looking, tmp_path: Path) -> None:
    code, out, err = look("features", "photos", "--l2", "--json")
    told = json.loads(out)
    assert code == 0 and (told["images"], told["features"], told["l2"]) == (3, 12, True), err
    with np.load(tmp_path / "features.npz") as kept:
        assert np.allclose(np.linalg.norm(kept["features"], axis=1), 1, atol=1e-5)
        assert list(kept["files"]) == [f"photos/{n}.png" for n in range(3)]
    code, out, _ = look("similar", "photos/0.png", "--in", "features.npz", "--json")
    first = json.loads(out)
    code, out, _ = look("similar", "photos/0.png", "--in", "photos", "-o", "other.png", "--json")
    again = json.loads(out)
    assert code == 0 and [n["file"] for n in first["neighbours"]] == [n["file"] for n in again["neighbours"]]
    assert {n["file"] for n in again["neighbours"]} == {"photos/1.png", "photos/2.png"}
    assert look("similar", "photos/0.png", "--in", "features.npz", "--in", "photos")[0] == 2
    assert look("features")[0] == 2 and look("features", "photos", "-o", "features.csv")[0] == 2


def test_nothing_is_written_over_without_force(look: Looking, tmp_path: Path) -> None:
    for command, *words in (
        ("saliency", "photos/0.png", "-o", "x.png"),
        ("excite", "--steps", 1, "-o", "x.png"),
        ("filters", "-o", "x.png"),
        ("maps", "photos/0.png", "--at", "@last", "-o", "x.png"),
        ("patches", "--at", "@last", "--in", "photos", "-o", "x.png"),
        ("invariance", "photos/0.png", "-o", "x.png"),
        ("similar", "photos/0.png", "--in", "photos", "-o", "x.png"),
        ("features", "photos", "-o", "x.npz"),
    ):
        mine = tmp_path / str(words[-1])
        mine.write_text("mine")
        code, _, err = look(command, *words)
        assert code == 1 and "NET638" in err and mine.read_text() == "mine", command
        assert look(command, *words, "--force")[0] == 0 and mine.read_bytes() != b"mine", command


@pytest.mark.parametrize(
    "words",
    [
        ("saliency", "photos"),
        ("saliency", "photos", "--class", 0, "--method", "smoothgrad", "--samples", 1),
        ("saliency", "photos", "--class", 0, "--method", "integrated", "--steps", 1),
        ("excite", "--steps", 1),
        ("excite", "--steps", 1, "--class", 0),
        ("cam", "photos"),
        ("cam", "photos", "--class", 0, "--at", "@last"),
        ("invariance", "photos", "--class", 0),
    ],
)
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("form", ["--json", "--force"])
def test_scores_that_are_no_numbers(
    look: Looking, tmp_path: Path, words: tuple[object, ...], value: float, form: str
) -> None:
    """Those of one class are enough: no probability is a number then."""
    spoil(tmp_path, "linear1.bias", 3, value)
    code, out, err = look(*words, form)  # type: ignore[arg-type]
    assert code == 1 and "error[NET540]" in err and "Traceback" not in err and out == "", err
    assert [*tmp_path.rglob("*.png")] == [*(tmp_path / "photos").glob("*.png")]


@pytest.mark.parametrize(
    "words", [("saliency", "photos"), ("saliency", "photos", "--method", "deconvnet"), ("excite", "--steps", 1)]
)
def test_a_feature_that_is_no_number(look: Looking, tmp_path: Path, words: tuple[object, ...]) -> None:
    spoil(tmp_path, "conv2.weight", 7, torch.nan)
    code, _, err = look(*words, "--at", "@last", "--channel", 7, "--json")  # type: ignore[arg-type]
    assert code == 1 and "error[NET540]" in err, err
    assert not list(tmp_path.glob("*.png"))


def spoil(folder: Path, name: str, number: int, value: float) -> None:
    weights = load_file(folder / "small.safetensors")
    weights[name][number] = value
    save_file(weights, folder / "small.safetensors")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("saliency", "photos", "--method", "magic"), 2, "magic"),
        (("saliency", "photos", "--baseline", "red"), 2, "red"),
        (("saliency", "photos", "--class", "9"), 1, "NET605"),
        (("saliency", "photos", "--class", "1", "--at", "@last"), 2, "not both"),
        (("saliency", "photos", "--at", "@last", "--channel", 99), 1, "NET622"),
        (("saliency", "photos", "-o", "one.png"), 1, "NET625"),
        (("saliency", "photos", "--channel", 0), 2, "name it with --at"),
        (("saliency", "photos", "--method", "smoothgrad", "--noise", "nan"), 2, "finite number"),
        (("excite", "--rate", "nan"), 2, "finite number"),
        (("excite", "--rate", "inf"), 2, "finite number"),
        (("excite", "--decay", "nan"), 2, "finite number"),
        (("excite", "--blur", "nan"), 2, "finite number"),
        (("saliency", "photos", "--seed", -1), 2, "0<=x<=4294967295"),
        (("excite", "--seed", 2**32), 2, "0<=x<=4294967295"),
        (("excite", "--channel", 1), 2, "--at"),
        (("saliency", "photos", "--class", "all"), 2, "not one class"),
        (("saliency", "photos", "--class", "top3"), 2, "not one class"),
        (("invariance", "photos", "--class", "all"), 2, "not one class"),
        (("excite", "--class", "all"), 2, "not one class"),
        (("excite", "--class", "top"), 2, "not one class"),
        (("excite", "--class", "x"), 1, "NET605"),
        (("maps", "photos", "--at", "linear1"), 1, "NET622"),
        (("maps", "photos", "--at", "@lost"), 1, "NET209"),
        (("similar", "nowhere.png", "--in", "photos"), 1, "NET627"),
        (("similar", "photos/0.png", "--in", "small.npz"), 1, "NET623"),
        (("patches", "--at", "@last", "--data", "mnist"), 1, "NET525"),
    ],
)
def test_what_cannot_be_done(look: Looking, words: tuple[object, ...], code: int, text: str) -> None:
    found, _, err = look(*words)  # type: ignore[arg-type]
    assert (found, text in err) == (code, True), err


@pytest.mark.parametrize(
    "command", ["saliency", "excite", "filters", "maps", "patches", "invariance", "features", "similar"]
)
def test_help_has_an_example(netdsl: Command, command: str) -> None:
    shown = netdsl(command, "--help").stdout
    assert f"Example: netdsl {command}" in shown and "--weights" in shown
