"""`netdsl patches`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import looking, output
from . import train_options as option
from .options import folder_from, word_from
from .progress import Display

METHODS = ("deconvnet", "guided", "gradient")
CHANNELS = 4
"""So many are drawn where none is named."""


def command(
    what: looking.What,
    at: Annotated[str, typer.Option(metavar="@TAG", help="A tag, or a layer's name as in the summary.")],
    folder: Annotated[
        list[Path] | None, typer.Option("--in", metavar="DIR", help="Look through the images in it; repeatable.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="DATA", help="Or through a data set's test images.")] = None,
    data_dir: option.DataDir = None,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first N of these only.")] = None,
    channels: Annotated[
        list[int] | None, typer.Option("--channel", min=0, metavar="N", help="Repeatable. Without it, the first four.")
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, max=100, metavar="N", help="Patches of each channel.")] = 9,
    method: Annotated[
        str, typer.Option(metavar="METHOD", help="What is drawn beside each: deconvnet, guided or gradient.")
    ] = "deconvnet",
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
    """Find the pieces of images that excite a feature most, and draw them as the feature sees them.

    Example: netdsl patches runs/resnet-cifar10-1 --at @stage2 --channel 5 --data cifar10

    Example: netdsl patches squeezenet --weights squeezenet1_1.safetensors --at @fire4 --in photos
    """
    word_from(method, METHODS, "--method")
    if (data is None) == (folder is None):
        raise typer.BadParameter("images to look through: --in DIR, or --data NAME", param_hint="--in")
    data_folder = folder_from(data_dir, "--data-dir")
    with Display() as display:
        from netdsl.seeing.gallery import gallery_of
        from netdsl.seeing.gradients.asked import file_for, map_at
        from netdsl.seeing.gradients.patch_sheet import draw_patches

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        there = subject.network.nodes[map_at(subject.network, at)].output.channels
        path = file_for(f"{subject.name}-patches-{at.removeprefix('@')}.png", out, force)
        gallery = gallery_of(subject, folder or [], data, data_folder, subset, display)
        wanted = list(dict.fromkeys(channels or range(min(CHANNELS, there))))
        found = draw_patches(subject, gallery, at, wanted, path, number, method, display)  # type: ignore[arg-type]
    if as_json:
        output.write(json.dumps(found.as_json(), allow_nan=False) + "\n")
    else:
        size = "x".join(map(str, found.receptive_field))
        looking.line("images", f"{found.images:,} looked through")
        looking.line("patches", f"{size} pixels of the net's input, the receptive field at @{found.at}")
        for channel, patches in found.channels.items():
            names = ", ".join(Path(patch.file).name for patch in patches[:3])
            looking.line(f"channel {channel}", f"{patches[0].value:.4g} in {names}" if patches else "nothing")
        looking.line("picture", found.output or "none: there was no image")
    looking.say_errors(list(found.errors.items()))
