"""`netdsl excite`."""

import json
from typing import Annotated

import typer

from . import looking, output
from .options import finite
from .progress import Display


def command(
    what: looking.What,
    class_names: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="NAME", help="A class by name or number; repeatable. Else the first ten."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="@TAG", help="The middle unit at a tag or layer in place of classes.")
    ] = None,
    channels: Annotated[
        list[int] | None, typer.Option("--channel", min=0, metavar="N", help="Its channels; repeatable. Else 0 to 8.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Of the gradient ascent.")] = 128,
    rate: Annotated[
        float,
        typer.Option(min=1e-6, callback=finite, metavar="SIZE", help="Of the first step, on the normalized image."),
    ] = 0.4,
    decay: Annotated[
        float, typer.Option(min=0, max=1, callback=finite, metavar="SHARE", help="Taken away after each step.")
    ] = 0.01,
    blur: Annotated[
        float, typer.Option(min=0, max=20, callback=finite, metavar="PIXELS", help="After every fourth step.")
    ] = 1.0,
    jitter: Annotated[
        int,
        typer.Option(min=0, metavar="PIXELS", help="Random shifts before each step, an eighth of the side at most."),
    ] = 8,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Of the shifts and of what it starts from.")
    ] = 0,
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
    """Make images that a class, or a feature, answers to most: gradient ascent from grey.

    Example: netdsl excite runs/baseline-mnist-1

    Example: netdsl excite squeezenet --weights squeezenet1_1.safetensors --class espresso --class tabby
    """
    looking.check_classes(class_names or [], top=False)
    if at is None and channels:
        raise typer.BadParameter("channels are those of a tag: name it with --at", param_hint="--channel")
    if at is not None and class_names:
        raise typer.BadParameter("classes or a feature, not both", param_hint="--at")
    with Display() as display:
        from netdsl.ir.parts import tensor_at
        from netdsl.seeing.gradients import scores
        from netdsl.seeing.gradients.ascent import Ascent
        from netdsl.seeing.gradients.asked import classes_of, features_at, file_for
        from netdsl.seeing.gradients.excite import excite

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        if at is None:
            names = class_names or [str(n) for n in range(min(10, len(subject.classes)))]
            place = classes_of(subject, names)
        else:
            there = subject.network.nodes[tensor_at(subject.network, at)].output.channels
            place = features_at(subject, at, channels or range(min(9, there)), scores.centre)
        path = file_for(f"{subject.name}-excite-{place.name}.png", out, force)
        ascent = Ascent(steps, rate, decay, blur, jitter=jitter, seed=seed)
        found = excite(subject, place, path, ascent, display)
    if as_json:
        images = [one.as_json() for one in found]
        output.write(json.dumps({"output": str(path), "at": place.name, "images": images}, allow_nan=False) + "\n")
        return
    head = ["class" if at is None else "channel", "score of grey", "score", *(["probability"] if at is None else [])]
    rows = [
        [
            one.class_name or str(one.channel),
            f"{one.start:.4g}",
            f"{one.score:.4g}",
            *([] if one.probability is None else [f"{one.probability:.1%}"]),
        ]
        for one in found
    ]
    output.table(head, rows)
    output.fact("picture", path)
