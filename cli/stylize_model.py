"""`netdsl stylize --model`: a trained net paints in one pass."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .options import parts

if TYPE_CHECKING:
    from PIL import Image

    from netdsl.style.fast.opened import FastNet

ALL = "all"


def paint_with_model(
    model: Path,
    content: str | None,
    style: list[str],
    row: str | None,
    size: int | None,
    path: Path,
    device: str | None,
    precision: str | None,
    as_json: bool,
) -> None:
    """One picture; with `--style all` a sheet, with `--between` a row. `path` is free to be written."""
    import time

    from netdsl.style.fast.opened import open_fast
    from netdsl.style.fast.paint import save
    from netdsl.style.sources import content_picture, scaled

    if row is not None and style:
        raise typer.BadParameter("is a row of two styles: leave --style out", param_hint="--between")
    wanted = {} if style == [ALL] else _weights(style)
    ends = _ends(row) if row is not None else None
    net = open_fast(model, device, precision)
    photo = content_picture(content)
    if size is not None:
        photo = scaled(photo, size)
    started = time.perf_counter()
    picture = _painted(net, photo, wanted, ends, style == [ALL])
    seconds = time.perf_counter() - started
    try:
        save(picture, path, net, wanted)
    except OSError as error:
        output.message(f"{error.filename or path} cannot be written: {error.strerror or error}")
        raise typer.Exit(1) from error
    if as_json:
        shown = {"picture": str(path), "size": list(picture.size), "styles": list(net.names), "seconds": seconds}
        output.write(json.dumps(shown) + "\n")
        return
    output.out.print(f"picture     {path}, {picture.width}x{picture.height}", highlight=False, soft_wrap=True)


def _painted(
    net: "FastNet", photo: "Image.Image", wanted: dict[str, float], ends: tuple[str, str] | None, every: bool
) -> "Image.Image":
    from netdsl.style.fast.paint import in_all_styles, mixtures, painted

    if ends is not None:
        return mixtures(net, photo, *ends)
    return in_all_styles(net, photo) if every else painted(net, photo, wanted)


def _weights(texts: list[str]) -> dict[str, float]:
    """`wave:0.7,scream:0.3`; a name alone counts 1."""
    weights: dict[str, float] = {}
    for piece in (piece.strip() for text in texts for piece in parts(text)):
        name, colon, number = piece.rpartition(":")
        name, number = (name, number) if colon else (piece, "1")
        try:
            weight = float(number)
        except ValueError:
            weight = -1
        if not name or not 0 <= weight < float("inf"):
            raise typer.BadParameter(f"`{piece}` is not NAME or NAME:WEIGHT, such as wave:0.7", param_hint="--style")
        if name in weights:
            raise typer.BadParameter(f"`{name}` is given twice", param_hint="--style")
        weights[name] = weight
    return weights


def _ends(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or not all(names):
        raise typer.BadParameter(f"`{text}` is not two styles, such as wave,scream", param_hint="--between")
    return names[0], names[1]
