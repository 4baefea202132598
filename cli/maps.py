"""`netdsl maps`."""

import json
from typing import Annotated

import typer

from . import looking, output
from .progress import Display


def command(
    what: looking.What,
    images: looking.Images,
    at: Annotated[str, typer.Option(metavar="@TAG", help="A tag, or a layer's name as in the summary.")],
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
    """Draw all feature maps of a place in a net, side by side, for each image.

    Example: netdsl maps squeezenet --weights squeezenet1_1.safetensors cat.jpg --at @fire2
    """
    with Display() as display:
        from netdsl.seeing.gradients.asked import files_for, map_at
        from netdsl.seeing.gradients.grids import draw_maps
        from netdsl.seeing.photos import files_of

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        map_at(subject.network, at)
        files = files_of(images)
        outputs = files_for(files, f"maps-{at.removeprefix('@')}", out, force)
        found = draw_maps(subject, files, outputs, at, display)
    if as_json:
        output.write(json.dumps({"images": [one.as_json() for one in found]}, allow_nan=False) + "\n")
    else:
        rows = []
        for one in found:
            if one.error is None and one.size is not None:
                size = f"{one.channels}x{'x'.join(map(str, one.size))}"
                remark = f" ({one.remark})" if one.remark else ""
                rows.append([(one.output or "") + remark, size, f"{one.least:.4g}", f"{one.most:.4g}", f"{one.silent}"])
        if rows:
            output.table(["picture", "maps", "least", "most", "zero all over"], rows)
    looking.say_errors([(one.file, one.error) for one in found if one.error is not None])
