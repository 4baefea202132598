"""Options of `stylize`, from text to values."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .options import parts, settings_from

if TYPE_CHECKING:
    from netdsl.style.iterative.settings import StyleChoice
    from netdsl.style.iterative.sweep import Axis


def styles_from(texts: list[str], masks: list[str]) -> "tuple[StyleChoice, ...]":
    """`starry.jpg:0.7`; a name with a colon that is a file is that file."""
    from netdsl.style.iterative.settings import StyleChoice

    if masks and len(masks) != len(texts):
        raise typer.BadParameter(f"{len(masks)} for {len(texts)} styles: give one for each", param_hint="--mask")
    choices = []
    for text, mask in zip(texts, masks or [None] * len(texts), strict=True):
        name, colon, number = text.rpartition(":")
        if not colon or Path(text).exists():
            choices.append(StyleChoice(text, 1.0, mask))
            continue
        weight = _number(number)
        if weight is None or not name:
            raise typer.BadParameter(f"`{text}` is not FILE or FILE:WEIGHT, such as wave.jpg:0.7", param_hint="--style")
        choices.append(StyleChoice(name, weight, mask))
    return tuple(choices)


def layers_from(texts: list[str] | None, option: str) -> dict[str, float] | None:
    """`conv4_2`, `conv1_1=0.5`, several with commas."""
    if texts is None:
        return None
    pieces = [piece if "=" in piece else f"{piece}=1" for text in texts for piece in parts(text)]
    layers = {}
    for name, text in settings_from(pieces, option, "conv4_1=0.5").items():
        weight = _number(text)
        if weight is None:
            raise typer.BadParameter(f"`{text}` is not a number from 0", param_hint=option)
        layers[name] = weight
    return layers


def axes_from(texts: list[str]) -> "list[Axis]":
    from netdsl.style.iterative.sweep import SWEPT

    axes: list[Axis] = []
    for text in texts:
        name, _, values = text.partition("=")
        read = SWEPT.get(name.strip())
        if read is None or not values:
            wrong = f"`{text}` is not NAME=A,B,..." if not values else f"`{name.strip()}` cannot be swept over"
            raise typer.BadParameter(f"{wrong}; names: {', '.join(SWEPT)}", param_hint="--sweep")
        try:
            axes.append((name.strip(), tuple(read(value.strip()) for value in values.split(","))))
        except ValueError:
            raise typer.BadParameter(f"`{values}` are not values of {name}", param_hint="--sweep") from None
    if len(axes) > 2 or len({name for name, _ in axes}) < len(axes):
        raise typer.BadParameter("one setting, or two of them", param_hint="--sweep")
    return axes


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
