"""`netdsl cam`."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from . import looking, output
from .options import word_from
from .progress import Display

if TYPE_CHECKING:
    from netdsl.seeing.cam import Seen

SHOWN = 5
"""Classes of each image on the screen; --json has them all."""


def command(
    what: looking.What,
    images: looking.Images,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="NAME|top|all", help="Whose maps: a name or number, top, top3, all; repeatable."
        ),
    ] = None,
    method: looking.Method = None,
    at: looking.At = None,
    signed: looking.Signed = False,
    crop: Annotated[
        bool, typer.Option("--crop", help="The middle of each image, as in a test, in place of the whole.")
    ] = False,
    head: Annotated[str | None, typer.Option(metavar="NAME", help="The classes of a further head.")] = None,
    weights: looking.Weights = None,
    settings: looking.Settings = None,
    with_rules: looking.With = "",
    set_recipe: looking.SetRecipe = None,
    best: looking.Best = False,
    device: looking.Device = None,
    out: looking.Out = None,
    arrays: Annotated[
        bool,
        typer.Option(
            "--npy", rich_help_panel=looking.PICTURES, help="The maps as well, classes x height x width, float32."
        ),
    ] = False,
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """Draw what in a picture speaks for a class.

    Example: netdsl cam runs/resnet-cifar10-1 photo.jpg --class top3

    Example: netdsl cam squeezenet --weights squeezenet1_1.safetensors photos/ -o seen/ --json
    """
    word_from(method, looking.METHODS, "--method")
    seen: list[Seen] = []
    with Display() as display:
        from netdsl.seeing.cam import Asked, look_at
        from netdsl.seeing.looker import Method

        subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
        how = Method(method or ("grad-cam" if at else "cam"), at, signed, head)
        asked = Asked(images, classes or (), how, crop, out, arrays, force)
        for found in look_at(subject, asked, display):
            seen.append(found)
            _say(found, display)
    if as_json:
        output.write(json.dumps({"images": [found.as_json() for found in seen]}, allow_nan=False) + "\n")
    else:
        _show(subject.name, seen)
    if any(found.error is not None for found in seen):
        raise typer.Exit(1)


def _say(found: "Seen", display: Display) -> None:
    if found.remark:
        display.say(f"{found.file}: {found.remark}")
    if found.error is not None:
        from netdsl.diagnostics import Diagnostic

        unseen = Diagnostic(
            "NET607", f"`{found.file}` cannot be looked at", expected="a picture in a file", found=found.error
        )
        output.diagnostics([unseen], to_stderr=True)


def _show(net: str, seen: "list[Seen]") -> None:
    done = [found for found in seen if found.error is None]
    if not done:
        return
    output.out.print(f"net         {net}", highlight=False)
    output.out.print(f"maps        {done[0].method} at {done[0].at}", highlight=False)
    rows = []
    for found in done:
        for number, each in enumerate(found.classes[:SHOWN]):
            box = "-" if each.box is None else "{} {} to {} {}".format(*each.box)
            figures = (f"{each.probability:.2%}", f"{each.logit:.3f}", "{} {}".format(*each.peak), box)
            rows.append((str(found.file) if not number else "", each.name, *figures))
    output.table(["image", "class", "probability", "logit", "peak", "box"], rows, left=(0, 1))
    if len(done[0].classes) > SHOWN:
        output.out.print(f"the first {SHOWN} of {len(done[0].classes):,} classes; --json has them all", highlight=False)
    for found in done:
        output.out.print(f"picture     {found.output}", highlight=False, soft_wrap=True)
