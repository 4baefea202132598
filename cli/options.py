"""Options that several commands share, from text to values."""

import re
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
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


def settings_from(texts: Iterable[str], option: str = "--set", example: str = "depth=100") -> dict[str, str]:
    """`["depth=100", "k=12,theta=1"]` as names and texts, each name once.

    Commas inside brackets and quotes do not separate.
    """
    settings: dict[str, str] = {}
    for text in texts:
        for part in parts(text):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or not name or not value:
                raise typer.BadParameter(
                    f"`{part}` is not of the form NAME=VALUE, such as {example}", param_hint=option
                )
            if name in settings:
                raise typer.BadParameter(f"`{name}` is given twice", param_hint=option)
            settings[name] = value
    return settings


def factors_from(texts: Iterable[str], option: str, example: str) -> dict[str, float]:
    """`["@stage1=0.1", "conv2=2,linear1=10"]` as names and numbers above 0."""
    factors: dict[str, float] = {}
    for name, text in settings_from(texts, option, example).items():
        try:
            factors[name] = float(text)
        except ValueError:
            factors[name] = 0
        if not 0 < factors[name] < float("inf"):
            raise typer.BadParameter(f"`{text}` is not a number above 0", param_hint=option)
    return factors


def parts(text: str) -> list[str]:
    """The pieces between commas that stand outside of brackets and quotes."""
    found, depth, quoted = [""], 0, False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth <= 0 and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return found


def picture_from(text: str | None, option: str = "--out") -> Path | None:
    """A picture's name, which ends in .png, in a folder that is there: a slip is told before any work is done."""
    path = folder_from(text, option)
    if path is not None and path.suffix.lower() != ".png":
        raise typer.BadParameter(f"pictures are PNG files: name it {path.with_suffix('.png')}", param_hint=option)
    if path is not None and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}: make it first", param_hint=option)
    return path


def folder_from(text: str | None, option: str) -> Path | None:
    """A folder's name; an empty one, which `Path` takes for the working folder, is a slip."""
    if text is not None and not text.strip():
        raise typer.BadParameter("the folder's name is empty", param_hint=option)
    return None if text is None else Path(text)


def words_from(text: str | None, option: str) -> tuple[str, ...]:
    """`a,b,c` as three words."""
    words = () if text is None else tuple(word.strip() for word in text.split(","))
    if not all(words):
        raise typer.BadParameter("a word is missing beside a comma", param_hint=option)
    return words


def finite(value: float | None) -> float | None:
    """A callback: NaN and infinity pass a `min`, and NaN a `max` too."""
    if value is not None and not isfinite(value):
        raise typer.BadParameter(f"`{value}` is not a finite number")
    return value


def share_from(value: float | None, option: str) -> float | None:
    if value is not None and not 0 < value < 1:
        raise typer.BadParameter("a share is above 0 and below 1", param_hint=option)
    return value


def seconds_from(text: str, option: str) -> float:
    """`90`, `30s`, `10min`, `2h` as seconds, from one on."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?(s|min|h|)", text.strip())
    seconds = float(found[1]) * {"": 1, "s": 1, "min": 60, "h": 3600}[found[2]] if found else 0
    if seconds < 1:
        raise typer.BadParameter(f"`{text}` is not a time from 1s on, such as 30s, 10min or 2h", param_hint=option)
    return seconds


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


def bytes_from(text: str | None, option: str) -> int | None:
    """`4GiB`, `800MB`, `1.5 GiB` as bytes."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)\s*([KMGT]i?B)", text.strip(), re.IGNORECASE)
    if found is None or not float(found[1]):
        raise typer.BadParameter(f"`{text}` is not a size in memory, such as 4GiB or 800MB", param_hint=option)
    unit = found[2].upper()
    return int(float(found[1]) * (1024 if "I" in unit else 1000) ** (1 + "KMGT".index(unit[0])))


def word_from(text: str | None, words: tuple[str, ...], option: str) -> str | None:
    """One of a few words."""
    if text is not None and text not in words:
        raise typer.BadParameter(f"`{text}` is none of {', '.join(words)}", param_hint=option)
    return text
