"""Photographs painted by a trained net: one style, a mixture, a sheet of all, a row between two."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from torch import Tensor

from netdsl.style.fast.mixture import between, weights_of
from netdsl.style.fast.opened import FastNet
from netdsl.style.pictures import made_with
from netdsl.style.pictures.sheet import sheet
from netdsl.style.pictures.sources import as_picture, as_tensor

FIELD = "netdsl model"
"""The PNG's text field that says which net painted it, and with which styles, as JSON."""
MIXTURES = 5
"""Pictures of a row between two styles: the thesis's figure 5.12."""
COLUMNS = 4
"""Of a sheet of all styles, at most; its rows are nearly equal."""


def painted(net: FastNet, photo: Image.Image, styles: Mapping[str, float]) -> Image.Image:
    """A photograph in a mixture of styles; a net of one style needs none.

    Errors: DiagnosticsError with NET674, as `weights_of`
    """
    return _one(net, photo, weights_for(net, styles))


def weights_for(net: FastNet, styles: Mapping[str, float]) -> Tensor:
    """A weight for each style of a net. Errors: as `painted`"""
    return weights_of(net.names, styles or ({net.names[0]: 1.0} if len(net.names) == 1 else {}))


def in_all_styles(net: FastNet, photo: Image.Image) -> Image.Image:
    """A sheet: the photograph, then each style by its name."""
    pictures = [photo, *(_one(net, photo, weights_of(net.names, {name: 1.0})) for name in net.names)]
    rows = -(-len(pictures) // COLUMNS)
    return sheet(pictures, ["photograph", *net.names], -(-len(pictures) // rows))


def mixtures(net: FastNet, photo: Image.Image, first: str, last: str) -> Image.Image:
    """A row from one style to another. Errors: as `painted`"""
    row = between(net.names, first, last, MIXTURES)
    shares = [f"{step / (MIXTURES - 1):.0%}" for step in range(MIXTURES)]
    captions = [first, *(f"{share} {last}" for share in shares[1:-1]), last]
    return sheet([_one(net, photo, weights) for weights in row], captions, MIXTURES)


def save(picture: Image.Image, path: Path, net: FastNet, styles: Mapping[str, float]) -> None:
    """Write a PNG with what painted it, whole or not at all. Errors: OSError"""
    by = {"model": str(net.run), "net": net.network.name, "styles": dict(styles)}
    made_with.save(picture, path, FIELD, by)


def _one(net: FastNet, photo: Image.Image, weights: Tensor) -> Image.Image:
    return as_picture(net(as_tensor(photo), weights))
