"""`netdsl features`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import looking, output
from . import train_options as option
from .options import folder_from
from .progress import Display


def command(
    what: looking.What,
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="[IMAGE...]", help="Image files; a folder stands for those in it.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="@TAG", help="A tag or layer; without it, what the last layer with weights takes."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="In place of files, a data set's test images.")
    ] = None,
    data_dir: option.DataDir = None,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first N of these only.")] = None,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Every number of a map is a feature, not each channel's mean.")
    ] = False,
    unit: Annotated[bool, typer.Option("--l2", help="Divide each image's features by their Euclidean length.")] = False,
    weights: looking.Weights = None,
    settings: looking.Settings = None,
    with_rules: looking.With = "",
    set_recipe: looking.SetRecipe = None,
    best: looking.Best = False,
    device: looking.Device = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", rich_help_panel=looking.PICTURES, help="A file of numpy.")
    ] = Path("features.npz"),
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """Write what a net makes of images at one place, float32 with the files' names, for other work.

    Example: netdsl features runs/vgg16-folder-1 --at @fc7 photos -o features.npz
    """
    if bool(images) == (data is not None):
        raise typer.BadParameter("images, or --data NAME", param_hint="IMAGE...")
    if out.suffix != ".npz":
        raise typer.BadParameter(f"`{out}` does not end in .npz", param_hint="--out")
    data_folder = folder_from(data_dir, "--data-dir")
    with Display() as display:
        from functools import partial

        from netdsl.seeing.features import features_of, place_of
        from netdsl.seeing.gallery import gallery_of
        from netdsl.seeing.written import check_new

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        place = place_of(subject.network, at)
        check_new([out], force)
        gallery = gallery_of(subject, images or [], data, data_folder, subset, display)
        progress = partial(display.progress, "images looked at")
        found = features_of(subject, place, gallery, flatten, unit, progress)
        if found.files:
            found.save(out)
    written = str(out) if found.files else None
    if as_json:
        facts = {"net": found.net, "at": found.at, "pooled": found.pooled, "l2": found.unit}
        errors = [{"file": str(refused.path), "error": refused.reason} for refused in gallery.refused]
        sizes = {"images": len(found.files), "features": found.values.shape[1]}
        output.write(json.dumps({"output": written, **facts, **sizes, "errors": errors}) + "\n")
    elif written:
        looking.line("features", f"{found.values.shape[1]:,} of each of {len(found.files):,} images, at {found.at}")
        looking.line("file", written)
    looking.say_errors([(str(refused.path), refused.reason) for refused in gallery.refused])
