"""Filters and feature maps as grids."""

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering import feature_maps
from netdsl.seeing.gradients.grids import draw_filters, draw_maps
from netdsl.seeing.photos import read_photos


def test_filters(squeezenet, lively, tmp_path) -> None:
    found = draw_filters(squeezenet, tmp_path / "a" / "filters.png")
    assert (found.at, found.filters, found.size, found.colours) == ("conv1", 64, (3, 3), 3)
    with Image.open(found.output) as picture:
        assert np.asarray(picture.convert("RGB")).std() > 40
    assert draw_filters(lively, tmp_path / "small.jpg").filters == 8
    with Image.open(tmp_path / "small.jpg") as picture:
        assert picture.format == "JPEG"


def test_maps(lively, picture, tmp_path) -> None:
    files = [picture("a.png", 40, 40), tmp_path / "nowhere.png"]
    photos = read_photos(files, lively)
    outputs = [tmp_path / "one.png", tmp_path / "two.png"]
    one, lost = draw_maps(lively, files, outputs, "@last")
    with torch.no_grad():
        maps = feature_maps(lively.module, ["last"])(lively.batch(photos[0].pixels[None]))["last"][0]
    assert (one.channels, one.size) == (12, (16, 16))
    assert (one.least, one.most) == pytest.approx((maps.min().item(), maps.max().item()))
    assert one.silent == sum(not channel.any() for channel in maps)
    assert outputs[0].exists() and not outputs[1].exists()
    assert lost.as_json()["error"] == "no such file" and lost.as_json()["output"] is None


def test_no_maps_of_a_vector(lively, picture, tmp_path) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        draw_maps(lively, [picture("a.png", 40, 40)], [tmp_path / "o.png"], "linear1")
    assert caught.value.diagnostics[0].code == "NET622"
