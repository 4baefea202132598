"""Patches out of files and out of data sets, with boxes in pixels of the given pictures."""

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.lowering import feature_maps
from netdsl.seeing.gallery import Files, Images
from netdsl.seeing.gradients.patch_sheet import draw_patches
from netdsl.seeing.photos import read_photos


def test_patches_of_files(lively, picture, tmp_path) -> None:
    for n, side in enumerate((40, 80, 60)):
        picture(f"in/{n}.png", side, side)
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    sheet = draw_patches(lively, Files([tmp_path / "in"], lively), "@last", [2, 5], tmp_path / "out.png", most=2)
    assert sheet.images == 3 and list(sheet.errors) == [str(tmp_path / "in" / "broken.png")]
    assert sheet.receptive_field == (7, 7)
    photos = {str(photo.path): photo for photo in read_photos(sorted((tmp_path / "in").glob("[0-9].png")), lively)}
    tapped = feature_maps(lively.module, ["last"])
    for channel, patches in sheet.channels.items():
        assert len(patches) == 2 and patches[0].value >= patches[1].value
        for patch in patches:
            photo = photos[patch.file]
            with torch.no_grad():
                maps = tapped(lively.batch(photo.pixels[None]))["last"][0, channel]
            assert patch.value == pytest.approx(maps.max().item(), rel=1e-4)
            x0, y0, x1, y1 = patch.box
            scale = min(photo.size) / 40  # fitted into 40x40, of which the middle 32x32 is taken
            assert (x1 - x0, y1 - y0) == pytest.approx((7 * scale, 7 * scale))
            row, column = patch.place
            assert (x0, y0) == pytest.approx(((2 * column - 3 + 4) * scale, (2 * row - 3 + 4) * scale))
    told = sheet.as_json()
    assert [each["channel"] for each in told["channels"]] == [2, 5] and len(told["errors"]) == 1
    with Image.open(tmp_path / "out.png") as drawn:
        assert np.asarray(drawn.convert("L")).std() > 20


def test_patches_of_a_data_set(trained_run, tmp_path) -> None:
    from netdsl.data import synthetic
    from netdsl.seeing.subject import open_subject

    subject = open_subject(str(trained_run))
    data = synthetic.shapes(10, 30)
    tag = next(node.name for node in subject.network.nodes if node.layer.name == "relu")
    sheet = draw_patches(subject, Images(data), tag, [0], tmp_path / "out.png", method="guided")
    assert sheet.images == 30 and len(sheet.channels[0]) == 9
    assert all(patch.file.startswith("shapes test ") for patch in sheet.channels[0])


def test_nothing_is_drawn_of_nothing(lively, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    sheet = draw_patches(lively, Files([tmp_path / "empty"], lively), "@last", [0], tmp_path / "out.png")
    assert sheet.images == 0 and sheet.output == "" and not (tmp_path / "out.png").exists()
    assert list(sheet.errors.values()) == ["a folder without image files"]
