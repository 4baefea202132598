"""`netdsl stylize --model`: a trained net paints in one pass."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .options import parts, picture_from
from .stylize_asked import OUT, Asked, Refuse
from .stylize_progress import Counted

if TYPE_CHECKING:
    from PIL import Image

    from netdsl.style.fast.opened import FastNet


def paint_with_model(asked: Asked, refuse: Refuse) -> None:
    """A picture, with `--style all` a sheet, with `--between` a row; or all pictures of a folder, or a film."""
    from netdsl.style.films.film import is_film

    if asked.row is not None and asked.style:
        raise typer.BadParameter("is a row of two styles: leave --style out", param_hint="--between")
    if asked.smooth is not None and not 0 <= asked.smooth < 1:
        raise typer.BadParameter("a share from 0 to below 1", param_hint="--smooth")
    content = None if asked.content is None else Path(asked.content)
    film, folder = content is not None and is_film(content), content is not None and content.is_dir()
    if asked.smooth is not None and not film:
        raise typer.BadParameter("is for a film", param_hint="--smooth")
    if (film or folder) and (asked.every or asked.row is not None):
        hint = "--style" if asked.every else "--between"
        raise typer.BadParameter("makes a sheet of one picture, not of a folder or a film", param_hint=hint)
    wanted = {} if asked.every else weights_from(asked.style)
    if content is not None and (film or folder):
        from .stylize_many import paint_all, paint_frames

        (paint_frames if film else paint_all)(asked, content, wanted, refuse)
    else:
        _paint_one(asked, wanted, refuse)


def _paint_one(asked: Asked, wanted: dict[str, float], refuse: Refuse) -> None:
    import time

    from netdsl.style.fast.paint import save
    from netdsl.style.pictures.sources import content_picture, scaled

    photo = content_picture(asked.content)  # first: what is not there may have been meant as a folder
    path = picture_from(asked.out) or Path(f"{OUT}.png")
    refuse([path])
    ends = _ends(asked.row) if asked.row is not None else None
    net = asked.opened()
    if asked.size is not None:
        photo = scaled(photo, asked.size)
    started = time.perf_counter()
    tile = net.tile_for((photo.height, photo.width))
    if tile is not None and asked.tile is None:
        text = f"a picture of {photo.width}x{photo.height}: painted in tiles of {tile} pixels, in less memory"
        output.err.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)
    with Counted() as net.watch:
        picture = _painted(net, photo, wanted, ends, asked.every)
    seconds = time.perf_counter() - started
    with output.written_or_told(path):
        save(picture, path, net, wanted)
    if asked.as_json:
        shown = {"picture": str(path), "size": list(picture.size), "styles": list(net.names), "seconds": seconds}
        output.write(json.dumps({**shown, "tile": tile}) + "\n")
        return
    output.out.print(f"picture     {path}, {picture.width}x{picture.height}", highlight=False, soft_wrap=True)


def _painted(
    net: "FastNet", photo: "Image.Image", wanted: dict[str, float], ends: tuple[str, str] | None, every: bool
) -> "Image.Image":
    from netdsl.style.fast.paint import in_all_styles, mixtures, painted

    if ends is not None:
        return mixtures(net, photo, *ends)
    return in_all_styles(net, photo) if every else painted(net, photo, wanted)


def weights_from(texts: list[str]) -> dict[str, float]:
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
