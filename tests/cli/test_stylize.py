"""`netdsl stylize` as a person types it."""

import json

import pytest
from PIL import Image

from .conftest import Command, stopped_at_step

FAST = ("--size", "48", "--steps", "3", "--style-layer", "conv1_1,conv2_1", "--content-layer", "conv2_2")


def flat(text):
    return " ".join(text.split())


def test_a_sample_in_an_empty_folder(netdsl: Command, tmp_path) -> None:
    done = netdsl("stylize", "--style", "starry.jpg", *FAST)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("losses      content ") and "picture     stylized.png" in done.stdout
    assert "3 steps at 48 pixels" in done.stderr and "step 3/3" in done.stderr
    with Image.open(tmp_path / "stylized.png") as made:
        assert made.size == (48, 36)
    assert [path.name for path in tmp_path.iterdir()] == ["stylized.png"]


def test_nothing_is_written_over(netdsl: Command, tmp_path) -> None:
    (tmp_path / "stylized.png").write_text("mine")
    done = netdsl("stylize", "--style", "starry", *FAST)
    assert done.exit_code == 1 and "NET652" in done.stderr and "--force" in done.stderr
    assert (tmp_path / "stylized.png").read_text() == "mine"
    assert netdsl("stylize", "--style", "starry", *FAST, "--force").exit_code == 0
    assert Image.open(tmp_path / "stylized.png").size == (48, 36)


def test_like_takes_the_settings_back(netdsl: Command, tmp_path) -> None:
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "photo.png")
    options = ("photo.png", "--style", "starry:0.5", "--style", "embers", "--seed", "3", "--init", "noise", *FAST)
    assert netdsl("stylize", *options, "-o", "a.png").exit_code == 0
    assert netdsl("stylize", "--like", "a.png", "-o", "b.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert netdsl("stylize", "--like", "a.png", "--seed", "4", "-o", "c.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "c.png").read_bytes()


def test_json(netdsl: Command) -> None:
    made = json.loads(netdsl("stylize", "--style", "surf", *FAST, "--json").stdout)
    assert made["picture"] == "stylized.png"
    (one,) = made["painted"]
    assert one["size"] == [48, 36] and one["steps"] == 3 and one["content_loss"] > 0 and one["style_loss"] > 0


def test_pictures_on_the_way(netdsl: Command, tmp_path) -> None:
    assert netdsl("stylize", "--style", "starry", *FAST, "--save-every", "2").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stylized-00002.png", "stylized.png"]
    (tmp_path / "stylized.png").unlink()
    assert "stylized-00002.png" in netdsl("stylize", "--style", "starry", *FAST, "--save-every", "2").stderr


def test_a_folder_that_cannot_be_written_to_is_told_at_the_start(netdsl: Command, tmp_path, monkeypatch) -> None:
    """As on a file system that is read only; rights of the file do not stop root."""
    from pathlib import Path

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "touch", refuse)
    done = netdsl("stylize", "--style", "starry", *FAST)
    assert done.exit_code == 1 and "stylized.png cannot be written: Permission denied" in flat(done.stderr)
    assert "steps at" not in done.stderr and not list(tmp_path.iterdir())


def test_a_picture_that_does_not_fit_into_memory(netdsl: Command, tmp_path, monkeypatch) -> None:
    from netdsl.style.iterative import room

    monkeypatch.setattr(room, "free_memory", lambda place: 3 * 2**30)
    done = netdsl("stylize", "--style", "starry", "--size", "1500")
    assert done.exit_code == 1 and "NET659" in done.stderr and "--tile 256" in flat(done.stderr)
    assert not list(tmp_path.iterdir())


def test_tiles(netdsl: Command, tmp_path) -> None:
    done = netdsl("stylize", "--style", "starry", "--size", "100", "--no-coarse", "--tile", "64", *FAST[2:])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "stylized.png") as made:
        assert made.size == (100, 75)


def test_a_sheet_over_weights_and_sizes(netdsl: Command, tmp_path) -> None:
    sweeps = ("--sweep", "style_weight=1,100", "--sweep", "style_size=32,48,64")
    done = netdsl("stylize", "--style", "starry", *FAST, *sweeps, "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["painted"]) == 6
    with Image.open(tmp_path / "stylized.png") as made:
        assert made.width > 3 * 48 and made.height > 2 * 36


def test_texture_and_reconstruction(netdsl: Command) -> None:
    done = netdsl("stylize", "--style", "garden", "--texture", *FAST[:6], "--json", "-o", "t.png")
    assert json.loads(done.stdout)["painted"][0]["content_loss"] == 0
    done = netdsl("stylize", "--reconstruct", "conv2_1", *FAST[:4], "--json", "-o", "r.png")
    assert json.loads(done.stdout)["painted"][0]["style_loss"] == 0


def test_the_samples(netdsl: Command) -> None:
    assert netdsl("stylize", "--list-styles").stdout.startswith("starry      swirls and stars")
    assert "starry" in json.loads(netdsl("stylize", "--list-styles", "--json").stdout)


def test_the_samples_on_a_sheet(netdsl: Command, tmp_path) -> None:
    assert netdsl("stylize", "--list-styles", "-o", "all.png").exit_code == 0
    with Image.open(tmp_path / "all.png") as made:
        assert made.width > 2 * 512 and made.height > 2 * 400
    assert "NET652" in netdsl("stylize", "--list-styles", "-o", "all.png").stderr


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--style", "stary"), 1, "did you mean `starry`?"),
        (("no.jpg", "--style", "starry"), 1, "NET651"),
        (("--style", "starry", "--loss-weights", "no.safetensors"), 1, "NET520"),
        (("--style", "starry", "--style-weight", "0", "--content-weight", "0"), 1, "NET653"),
        (("--style", "starry:0"), 1, "NET653"),
        (("--style", "starry", "--like", "no.png"), 1, "NET658"),
        (("--style", "starry", "--style-layer", "conv9_1"), 1, "NET209"),
        (("--style", "starry", "--mask", "no.png"), 1, "NET651"),
        (("--style", "starry:-1"), 2, "WEIGHT"),
        (("--style", "starry", "--size", "0"), 2, "--size"),
        (("--style", "starry", "--tile", "8"), 2, "--tile"),
        (("--style", "starry", "--sweep", "colour=1"), 2, "style_weight"),
        (("--style", "starry", "--sweep", "steps=x"), 2, "not values"),
        (("--style", "starry", "--sweep", "steps=2,0"), 2, "not values"),
        (("--style", "starry", "--sweep", "style_weight=-1"), 2, "not values"),
        (("--style", "starry", "--sweep", "optimizer=lbfgs,sgd"), 2, "not values"),
        (("--style", "starry", "--sweep", "init=noise,no.png"), 2, "not values"),
        (("--style", "starry", "--mask", "a.png", "--mask", "b.png"), 2, "one for each"),
        (("--style", "starry", "-o", "a.jpg"), 2, "a.png"),
        (("--style", "starry", "--keep-colors", "all"), 2, "luminance"),
        (("--texture", "--reconstruct", "conv1_1"), 2, "nothing is left"),
        (("--size", "64"), 2, "--list-styles"),
    ],
)
def test_what_cannot_be_done(netdsl: Command, tmp_path, words, code, text) -> None:
    done = netdsl("stylize", *words)
    assert done.exit_code == code, done.output
    assert text in flat(done.stderr)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_the_picture_so_far(netdsl: Command, tmp_path, monkeypatch) -> None:
    from netdsl.style.iterative import paint
    from netdsl.style.iterative.settings import settings_of

    fit = paint.fit
    pressed = stopped_at_step(2, fit)
    monkeypatch.setattr(paint, "fit", pressed)
    done = netdsl("stylize", "--style", "starry", *FAST)
    assert done.exit_code == 130
    assert "stopped after 2 of 3 steps: stylized.png is the picture so far, 48x36" in flat(done.stderr)
    assert Image.open(tmp_path / "stylized.png").size == (48, 36)
    done = netdsl("stylize", "--style", "starry", *FAST, "--sweep", "style_weight=1,2", "-o", "sweep.png")
    assert done.exit_code == 130 and "so far, 48x36" in flat(done.stderr)
    assert settings_of(tmp_path / "sweep.png").style_weight == 1, "that of the picture which was begun"
    monkeypatch.setattr(paint, "fit", lambda *given: pressed(*given) if given[0].shape[-1] == 48 else fit(*given))
    done = netdsl("stylize", "--style", "starry", *FAST, "--sweep", "size=40,48", "-o", "sizes.png")
    assert done.exit_code == 130 and "stopped: sizes.png has 1 of 2 pictures" in done.stderr
    monkeypatch.setattr(paint, "seconds_of_a_step", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
    done = netdsl("stylize", "--style", "starry", *FAST, "-o", "none.png")
    assert done.exit_code == 130 and "nothing is written" in done.stderr and not (tmp_path / "none.png").exists()
