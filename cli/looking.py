"""What the commands that look into a trained net share: whose weights, which images, where the pictures go."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .options import folder_from, settings_from

if TYPE_CHECKING:
    from netdsl.seeing.subject import Subject

NET, PICTURES = "The net", "Output"
"""The parts that `--help` lists the options in."""

METHODS = ("cam", "grad-cam", "grad-cam++", "layer-cam")

What = Annotated[
    str, typer.Argument(metavar="RUN|NET", help="The folder of a run; or a net, with --weights.", show_default=False)
]
Images = Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Image files; a folder stands for those in it.")]
Weights = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", rich_help_panel=NET, help="The weights of a net, .safetensors or .pt."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", rich_help_panel=NET, help="A parameter of the net; repeatable."),
]
With = Annotated[str, typer.Option("--with", metavar="RULES", rich_help_panel=NET, help="Rewrite the net: 'C -> C B'.")]
SetRecipe = Annotated[
    list[str] | None,
    typer.Option(
        "--set-recipe",
        metavar="NAME=VALUE",
        rich_help_panel=NET,
        help="What images of a net with weights go through: normalize=imagenet, resize=256.",
    ),
]
Best = Annotated[
    bool, typer.Option("--best", rich_help_panel=NET, help="A run's weights of its best epoch, not the last one's.")
]
Device = Annotated[
    str | None, typer.Option(metavar="DEVICE", rich_help_panel=NET, help="cpu, cuda, mps; else the fastest there is.")
]
Method = Annotated[
    str | None, typer.Option(metavar="METHOD", help="cam, grad-cam, grad-cam++ or layer-cam; with --at, grad-cam.")
]
At = Annotated[
    str | None, typer.Option(metavar="@TAG", help="A tag, or a layer's name: where a method by gradients looks.")
]
Signed = Annotated[
    bool, typer.Option("--signed", help="What speaks against a class too: for `C1-10 R G` before the ReLU.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE|DIR",
        parser=lambda text: folder_from(text, "--out"),
        rich_help_panel=PICTURES,
        help="The picture (.png, .jpg), or a folder.",
    ),
]
Force = Annotated[bool, typer.Option("--force", rich_help_panel=PICTURES, help="Write over files that are there.")]
AsJson = Annotated[bool, typer.Option("--json", rich_help_panel=PICTURES, help="One JSON object on stdout.")]


def subject_from(
    what: str,
    weights: Path | None,
    settings: list[str] | None,
    with_rules: str,
    set_recipe: list[str] | None,
    best: bool,
    device: str | None,
) -> "Subject":
    from netdsl.seeing.subject import open_subject

    lines = settings_from(set_recipe or [], "--set-recipe", "resize=256")
    return open_subject(what, weights, settings_from(settings or []), with_rules, lines, best, device)


def check_classes(words: Sequence[str], top: bool) -> None:
    """Each word names one class; `top`, each image's likeliest, is one where there are images."""
    for word in words:
        if word == "all" or (re.fullmatch(r"top\d*", word) and not (top and word == "top")):
            raise typer.BadParameter(f"`{word}` is not one class", param_hint="--class")


def say_errors(errors: list[tuple[str, str]]) -> None:
    """Files that could not be read, on stderr, and then exit code 1: the others are done."""
    for file, reason in errors:
        output.message(f"{file}: {reason}")
    if errors:
        raise typer.Exit(1)


def line(name: str, value: Any) -> None:
    output.out.print(f"{name.ljust(12)}{value}", highlight=False, markup=False, soft_wrap=True)
