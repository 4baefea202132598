"""`netdsl similar`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import looking, output
from .progress import Display


def command(
    what: looking.What,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The image that others are compared with.")],
    among: Annotated[
        list[Path],
        typer.Option("--in", metavar="DIR|FILE", help="Folders of images; or one .npz of `netdsl features`."),
    ],
    at: Annotated[
        str | None,
        typer.Option(metavar="@TAG", help="A tag or layer; without it, what the last layer with weights takes."),
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, max=200, metavar="N", help="So many, the nearest.")] = 8,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Every number of a map is a feature, not each channel's mean.")
    ] = False,
    weights: looking.Weights = None,
    settings: looking.Settings = None,
    with_rules: looking.With = "",
    set_recipe: looking.SetRecipe = None,
    best: looking.Best = False,
    device: looking.Device = None,
    out: looking.Out = None,
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """Find the images of a folder that a net finds nearest to one, and draw them on a contact sheet.

    Example: netdsl similar runs/vgg16-folder-1 cat.jpg --in photos
    """
    kept = [path for path in among if path.suffix == ".npz"]
    if kept and len(among) > 1:
        raise typer.BadParameter("folders, or one file of features", param_hint="--in")
    with Display() as display:
        from netdsl.seeing.features import Features, place_of
        from netdsl.seeing.gradients.asked import file_for
        from netdsl.seeing.similar import similar

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        place = place_of(subject.network, at)
        path = file_for(f"{image.stem}-similar.png", out, force)
        known = Features.load(kept[0]) if kept else among
        found = similar(subject, image, known, place, path, number, flatten, display)
    if as_json:
        output.write(json.dumps(found.as_json(), allow_nan=False) + "\n")
    else:
        output.table(["image", "cosine"], [(n.file, f"{n.similarity:.4f}") for n in found.neighbours])
        looking.line("picture", found.output or "none: there was no other image")
    looking.say_errors(list(found.errors.items()))
