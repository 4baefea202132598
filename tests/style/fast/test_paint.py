"""Photographs through a trained net: pictures, sheets, rows, and what their files say."""

import json

import numpy as np
from PIL import Image

from netdsl.style.fast.mixture import weights_of
from netdsl.style.fast.opened import open_fast
from netdsl.style.fast.paint import FIELD, in_all_styles, mixtures, painted, save
from netdsl.style.pictures.sheet import EDGE, LETTERS
from netdsl.style.pictures.sources import as_picture, as_tensor

from .conftest import learned, picture


def cells(sheet: Image.Image, like: Image.Image, columns: int, count: int) -> list[Image.Image]:
    across, down = (sheet.width - EDGE) // columns, like.height + EDGE + 2 * LETTERS
    first = EDGE + (across - EDGE - like.width) // 2  # captions may be wider than pictures
    corners = [(first + n % columns * across, EDGE + n // columns * down) for n in range(count)]
    return [sheet.crop((left, top, left + like.width, top + like.height)) for left, top in corners]


def same(a: Image.Image, b: Image.Image) -> bool:
    return np.array_equal(np.asarray(a), np.asarray(b))


def test_sheets_and_rows_show_what_single_pictures_are(two) -> None:
    net, photo = open_fast(two, "cpu", "fp32"), picture(3)
    night, wave = (painted(net, photo, {name: 1.0}) for name in ("night", "wave"))
    assert night.size == photo.size and not same(night, wave)
    shown = cells(in_all_styles(net, photo), photo, 3, 3)
    assert same(shown[0], photo) and same(shown[1], night) and same(shown[2], wave)
    row = cells(mixtures(net, photo, "wave", "night"), photo, 5, 5)
    assert same(row[0], wave) and same(row[4], night)
    assert same(row[2], painted(net, photo, {"wave": 0.5, "night": 0.5}))


def test_one_style_by_itself(photos, paintings) -> None:
    net, photo = open_fast(learned(photos, paintings[:1]).run, "cpu", "fp32"), picture(3)
    assert same(painted(net, photo, {}), as_picture(net(as_tensor(photo), weights_of(net.names, {"night": 1.0}))))


def test_the_file_says_what_painted_it(two, tmp_path) -> None:
    net = open_fast(two, "cpu", "fp32")
    save(picture(1), tmp_path / "a.png", net, {"wave": 0.5})
    with Image.open(tmp_path / "a.png") as file:
        assert json.loads(file.info[FIELD]) == {"model": str(two), "net": "small", "styles": {"wave": 0.5}}
