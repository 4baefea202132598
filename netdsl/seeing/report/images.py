"""Small images, and maps over them, as PNG inside the page's own text."""

from base64 import b64encode
from io import BytesIO

import matplotlib
import numpy as np
from PIL import Image
from torch import Tensor

from netdsl.seeing.looker import upsampled

SIDE = 192
"""Pixels of the longer side at least, so that a browser need not enlarge a small image."""
LIGHT = 0.6
"""How much of a map lies over its image, which is grey below it."""
HEAT = "inferno"


def image_uri(image: Tensor) -> str:
    """uint8, channels x height x width, enlarged by a whole number with its pixels as squares."""
    return _uri(Image.fromarray(_enlarged(_colours(image))))


def map_uri(image: Tensor, heat: Tensor, most: float) -> str:
    """The image in grey under a map of its height and width, whose colours run from 0 to `most`."""
    grey = _enlarged(_colours(image)).mean(axis=2, keepdims=True)
    shares = upsampled(heat[None, None], grey.shape[:2])[0, 0].cpu().numpy() / (most if most > 0 else 1.0)
    colours = matplotlib.colormaps[HEAT](np.clip(shares, 0, 1))[:, :, :3] * 255
    return _uri(Image.fromarray(((1 - LIGHT) * grey + LIGHT * colours).round().astype(np.uint8)))


def _colours(image: Tensor) -> np.ndarray:
    pixels = image.permute(1, 2, 0).cpu().numpy()
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels[:, :, :1], 3, axis=2)


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    factor = max(1, SIDE // max(pixels.shape[:2]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _uri(picture: Image.Image) -> str:
    file = BytesIO()
    picture.save(file, format="png", optimize=True)
    return file_uri(file.getvalue())


def file_uri(png: bytes) -> str:
    return "data:image/png;base64," + b64encode(png).decode("ascii")
