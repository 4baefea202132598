"""Images inside the page: read back, their pixels are those that went in."""

from base64 import b64decode
from io import BytesIO

import numpy as np
import torch
from PIL import Image

from netdsl.seeing.report.images import SIDE, image_uri, map_uri


def read(uri: str) -> np.ndarray:
    head, _, text = uri.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(b64decode(text))))


def test_pixels_become_squares() -> None:
    image = torch.randint(0, 256, (3, 4, 6)).byte()
    pixels = read(image_uri(image))
    factor = SIDE // 6
    assert pixels.shape == (4 * factor, 6 * factor, 3)
    assert (pixels[::factor, ::factor] == image.permute(1, 2, 0).numpy()).all()


def test_grey_images_have_three_equal_colours() -> None:
    pixels = read(image_uri(torch.full((1, 8, 8), 77).byte()))
    assert (pixels == 77).all()


def test_large_images_stay_as_they_are() -> None:
    assert read(image_uri(torch.zeros(3, 300, 200).byte())).shape == (300, 200, 3)


def test_a_map_is_bright_where_it_is_high() -> None:
    heat = torch.zeros(8, 8)
    heat[:, 4:] = 1
    pixels = read(map_uri(torch.zeros(3, 8, 8).byte(), heat, 1.0)).astype(int)
    assert pixels[:, -1].sum(axis=1).min() > 300 > pixels[:, 0].sum(axis=1).max()


def test_a_map_without_anything_above_0_is_dark_all_over() -> None:
    pixels = read(map_uri(torch.zeros(3, 8, 8).byte(), -torch.ones(8, 8), 0.0))
    assert pixels.max() < 10
