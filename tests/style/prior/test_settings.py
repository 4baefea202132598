"""Settings go into the result and come back."""

import pytest
from PIL import Image, PngImagePlugin

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.prior.settings import FIELD, TASKS, Settings, save, settings_of

PICTURE = Image.new("RGB", (20, 20), "red")


@pytest.mark.parametrize(
    "settings",
    [
        Settings("a.png"),
        Settings("b.jpg", "inpaint", mask="m.png", steps=7, averaging=0.0, jitter=0.01, precision="bf16"),
        Settings("c.png", "enlarge", factor=4, size=128, net="mine.net", net_settings={"f": "8"}, rate=1, seed=5),
    ],
)
def test_there_and_back(tmp_path, settings: Settings) -> None:
    save(PICTURE, tmp_path / "a.png", settings)
    assert settings_of(tmp_path / "a.png") == settings
    assert Image.open(tmp_path / "a.png").tobytes() == PICTURE.tobytes()


def test_each_task_has_its_steps_and_noise() -> None:
    assert all(Settings("a.png", task).all_steps > 100 for task in TASKS)
    assert Settings("a.png", steps=3).all_steps == 3
    assert Settings("a.png", "inpaint").new_noise == 1 / 30 and Settings("a.png").new_noise == 0
    assert Settings("a.png", "inpaint", jitter=0.0).new_noise == 0 and Settings("a.png", jitter=0.2).new_noise == 0.2


@pytest.mark.parametrize(
    "text",
    [
        None,
        "no JSON",
        "[1]",
        '{"image": "a.png", "colour": 1}',
        '{"image": 1}',
        '{"task": "denoise"}',
        '{"image": "a.png", "task": "stylize"}',
        '{"image": "a.png", "steps": "many"}',
        '{"image": "a.png", "rate": "fast"}',
        '{"image": "a.png", "jitter": "little"}',
    ],
)
def test_pictures_without(tmp_path, text) -> None:
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_itxt(FIELD, text)
    PICTURE.save(tmp_path / "a.png", pnginfo=info)
    with pytest.raises(DiagnosticsError) as caught:
        settings_of(tmp_path / "a.png")
    assert caught.value.diagnostics[0].code == "NET658"


def test_no_file_and_no_picture(tmp_path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    for name in ("a.png", "b.png"):
        with pytest.raises(DiagnosticsError) as caught:
            settings_of(tmp_path / name)
        assert caught.value.diagnostics[0].code == "NET658"
