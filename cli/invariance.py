"""`netdsl invariance`."""

import json
from typing import Annotated

import typer

from . import looking, output
from .progress import Display


def command(
    what: looking.What,
    images: looking.Images,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="@TAG", help="Whose distances; repeatable. Without it, a low and a high place."),
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", metavar="NAME", help="The true class; without it, each image's likeliest.")
    ] = None,
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
    """Plot how far features move, and what becomes of the class, when images are shifted, made larger or turned.

    Example: netdsl invariance squeezenet --weights squeezenet1_1.safetensors cat.jpg coffee.jpg
    """
    looking.check_classes([class_name] if class_name else [], top=True)
    with Display() as display:
        from netdsl.seeing.gradients.asked import file_for
        from netdsl.seeing.gradients.invariance_plot import draw_invariance
        from netdsl.seeing.photos import read_photos

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        path = file_for(f"{subject.name}-invariance.png", out, force)
        found = draw_invariance(subject, read_photos(images, subject), path, at or (), class_name, display)
    done = [one for one in found if one.error is None]
    drawn = str(path) if done else None
    if as_json:
        followed = [one.as_json() for one in found]
        output.write(json.dumps({"output": drawn, "images": followed}, allow_nan=False) + "\n")
    elif done:
        rows = [
            (one.file, one.class_name or "", *(f"{min(curve.probabilities):.1%}" for curve in one.curves))
            for one in done
        ]
        head = ["image", "class", *(f"least, {curve.change.name}" for curve in done[0].curves)]
        output.table(head, rows, left=(0, 1))
        looking.line("picture", drawn)
    looking.say_errors([(one.file, one.error) for one in found if one.error is not None])
