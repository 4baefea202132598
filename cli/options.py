"""Options that several commands share, from text to values."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from netdsl.geometry import FeatureMap

Net = Annotated[
    str, typer.Argument(help="A .net file, a bundled net such as `vgg16`, or a net typed out.", metavar="NET")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the net; repeatable, or several with commas."),
]
With = Annotated[
    str, typer.Option("--with", metavar="RULES", help="Rewrite the net: 'C -> C B', several with `;` between.")
]
Input = Annotated[
    str | None, typer.Option("--input", metavar="CxHxW", help="The input in place of the net's own: 3x32x32.")
]


def settings_from(texts: Iterable[str]) -> dict[str, str]:
    """`["depth=100", "k=12,theta=1"]` as names and texts; commas inside brackets and quotes do not separate."""
    settings: dict[str, str] = {}
    for text in texts:
        for part in re.split(r",(?=\s*[a-z_][a-z0-9_]*\s*=)", text):
            name, equals, value = part.partition("=")
            if not equals or not name.strip() or not value.strip():
                raise typer.BadParameter(
                    f"`{part}` is not of the form NAME=VALUE, such as depth=100", param_hint="--set"
                )
            settings[name.strip()] = value.strip()
    return settings


def input_from(text: str | None) -> FeatureMap | None:
    """`3x32x32` as channels and size."""
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}(x[1-9]\d{0,8}){0,3}", text):
        raise typer.BadParameter(
            f"`{text}` is not a shape: channels x height x width, such as 3x32x32", param_hint="--input"
        )
    channels, *size = map(int, text.split("x"))
    return FeatureMap(channels, tuple(size))
