"""`netdsl cam`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from . import train_options as option
from .options import Settings, With, folder_from, settings_from, word_from
from .progress import Display

if TYPE_CHECKING:
    from netdsl.seeing.cam import Seen

METHODS = ("cam", "grad-cam", "grad-cam++", "layer-cam")
SHOWN = 5
"""Classes of each image on the screen; --json has them all."""


def command(
    what: Annotated[
        str, typer.Argument(metavar="RUN|NET", help="A run's folder; or a net, with the file of its --weights.")
    ],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Image files, or folders of them.")],
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights for a net, .safetensors or torch's .pt.")
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", metavar="NAME|top|all", help="Whose maps: a name or number, top, top3, all; repeatable."
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(metavar="METHOD", help="cam, grad-cam, grad-cam++ or layer-cam; with --at, grad-cam."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="@TAG", help="A tag, or a layer's name: where a method by gradients looks.")
    ] = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="What speaks against a class too: for `C1-10 R G` before the ReLU.")
    ] = False,
    crop: Annotated[
        bool, typer.Option("--crop", help="The middle of each image, as in a test, in place of the whole.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE|DIR", help="The picture (.png, .jpg), or a folder.")
    ] = None,
    arrays: Annotated[bool, typer.Option("--npy", help="The maps as well, classes x height x width, float32.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    head: Annotated[str | None, typer.Option(metavar="NAME", help="The classes of a further head.")] = None,
    best: Annotated[bool, typer.Option("--best", help="A run's best epoch in place of its last.")] = False,
    settings: Settings = None,
    with_rules: With = "",
    set_recipe: option.SetRecipe = None,
    device: option.Device = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Draw what in a picture speaks for a class.

    Example: netdsl cam runs/resnet-cifar10-1 photo.jpg --class top3

    Example: netdsl cam squeezenet --weights squeezenet1_1.safetensors photos/ -o seen/ --json
    """
    word_from(method, METHODS, "--method")
    target = folder_from(out, "--out")
    given, recipe = settings_from(settings or ()), settings_from(set_recipe or (), "--set-recipe", "resize=256")
    seen: list[Seen] = []
    with Display() as display:
        from netdsl.seeing.cam import Asked, look_at
        from netdsl.seeing.looker import Method
        from netdsl.seeing.subject import open_subject

        subject = open_subject(what, weights, given, with_rules, recipe, best, device)
        how = Method(method or ("grad-cam" if at else "cam"), at, signed, head)
        asked = Asked(images, classes or (), how, crop, target, arrays, force)
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
