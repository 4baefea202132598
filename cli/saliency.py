"""`netdsl saliency`."""

import json
from typing import Annotated

import typer

from . import looking, output
from .options import finite, word_from
from .progress import Display

METHODS = ("gradient", "guided", "deconvnet", "smoothgrad", "integrated")
BASELINES = ("mean", "black", "white")


def command(
    what: looking.What,
    images: looking.Images,
    method: Annotated[
        str,
        typer.Option(metavar="METHOD", help="gradient, guided (backpropagation), deconvnet, smoothgrad or integrated."),
    ] = "gradient",
    class_name: Annotated[
        str, typer.Option("--class", metavar="NAME|top", help="A class by name or number; top: each image's likeliest.")
    ] = "top",
    at: Annotated[
        str | None, typer.Option(metavar="@TAG", help="A feature in place of a class: a tag or layer, with --channel.")
    ] = None,
    channel: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Its channel, where it is strongest in the image; else 0.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, metavar="N", help="Noisy copies, of smoothgrad.")] = 50,
    noise: Annotated[
        float,
        typer.Option(
            min=0, max=1, callback=finite, metavar="SHARE", help="Their deviation, as a share of the image's range."
        ),
    ] = 0.15,
    steps: Annotated[int, typer.Option(min=1, metavar="N", help="Points on the way, of integrated gradients.")] = 64,
    baseline: Annotated[
        str, typer.Option(metavar="mean|black|white", help="Where integrated gradients begin.")
    ] = "mean",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Of the noise.")] = 0,
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
    """Draw which pixels of an image a class, or a feature, depends on.

    Example: netdsl saliency runs/resnet-cifar10-1 photo.png --method smoothgrad

    Example: netdsl saliency squeezenet --weights squeezenet1_1.safetensors cat.jpg --class tabby --method guided
    """
    word_from(method, METHODS, "--method")
    word_from(baseline, BASELINES, "--baseline")
    looking.check_classes([class_name], top=True)
    if at is None and channel is not None:
        raise typer.BadParameter("a channel is one of a tag: name it with --at", param_hint="--channel")
    if at is not None and class_name != "top":
        raise typer.BadParameter("a class or a feature, not both", param_hint="--at")
    with Display() as display:
        from netdsl.seeing.gradients import scores
        from netdsl.seeing.gradients.asked import classes_of, features_at, files_for
        from netdsl.seeing.gradients.explain import explain
        from netdsl.seeing.gradients.saliency import Settings
        from netdsl.seeing.photos import files_of

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        place = (
            classes_of(subject, [class_name])
            if at is None
            else features_at(subject, at, [channel or 0], scores.strongest)
        )
        files = files_of(images)
        outputs = files_for(files, f"saliency-{method}", out, force)
        asked = Settings(samples, noise, steps, seed)
        found = explain(subject, files, outputs, place, method, baseline, asked, display)  # type: ignore[arg-type]
    if as_json:
        output.write(json.dumps({"images": [one.as_json() for one in found]}, allow_nan=False) + "\n")
    else:
        rows = []
        for one in found:
            if one.error is None and one.score is not None:
                likely = f"{one.class_name}, {one.probability:.1%}" if one.class_name else f"@{one.at}, {one.channel}"
                difference = None if one.baseline_score is None else one.score - one.baseline_score
                more = [] if difference is None else [f"{difference:.4g}", f"{one.total:.4g}"]
                remark = f" ({one.remark})" if one.remark else ""
                rows.append([one.output or "", likely + remark, f"{one.score:.4g}", *more])
        more = ["from the baseline", "sum"] if method == "integrated" else []
        if rows:
            output.table(["picture", "class" if at is None else "channel", "score", *more], rows, left=(0, 1))
    looking.say_errors([(one.file, one.error) for one in found if one.error is not None])
