"""Settings in a PNG's text fields."""

import json

import pytest
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.iterative.settings import FIELD, Settings, StyleChoice, save, settings_of

CHOSEN = Settings(
    content="a b.jpg",
    styles=(StyleChoice("ä.jpg", 0.5, "mask.png"), StyleChoice("starry")),
    size=300,
    style_layers={"conv1_1": 2.0},
    keep_colors="match",
    seed=7,
)


def test_there_and_back(tmp_path) -> None:
    save(Image.new("RGB", (3, 2), "red"), tmp_path / "out.png", CHOSEN)
    assert settings_of(tmp_path / "out.png") == CHOSEN
    with Image.open(tmp_path / "out.png") as file:
        assert json.loads(file.info[FIELD])["size"] == 300
        assert file.getpixel((0, 0)) == (255, 0, 0)


def refused(path):
    with pytest.raises(DiagnosticsError) as caught:
        settings_of(path)
    assert caught.value.diagnostics[0].code == "NET658"
    return caught.value.diagnostics[0].found


def test_pictures_of_others(tmp_path) -> None:
    Image.new("RGB", (3, 2)).save(tmp_path / "plain.png")
    (tmp_path / "no.png").write_text("no picture")
    assert refused(tmp_path / "plain.png") == "no settings in it"
    assert refused(tmp_path / "none.png") == "nothing of that name"
    assert "cannot be read" in refused(tmp_path / "no.png")


@pytest.mark.parametrize(
    "text",
    ['{"styles": [], "brush": 3}', "[1]", '{"styles": [], "size": "x"}', '{"size": 3}', '{"styles": [{"x": 1}]}', "{"],
)
def test_settings_that_are_none_of_ours(tmp_path, text) -> None:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_itxt(FIELD, text)
    Image.new("RGB", (3, 2)).save(tmp_path / "a.png", pnginfo=info)
    refused(tmp_path / "a.png")
