"""What a PNG was made with: JSON in a text field of it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image, PngImagePlugin

from netdsl.atomic import written_beside
from netdsl.data.pictures import DAMAGED
from netdsl.diagnostics import fail

T = TypeVar("T")


def save(picture: Image.Image, path: Path, field: str, settings: Mapping[str, Any]) -> None:
    """Write a PNG with the text field, whole or not at all. Errors: OSError"""
    info = PngImagePlugin.PngInfo()
    info.add_itxt(field, json.dumps(settings))
    with written_beside(path) as beside:
        picture.save(beside, "PNG", pnginfo=info)


def settings_in(path: Path, field: str, read: Callable[[Any], T | None], command: str, done: str) -> T:
    """What `read` makes of the field; None and a TypeError, KeyError or AttributeError say that it cannot.

    `command` is one that writes such pictures, `done` what it does to them.
    Errors: DiagnosticsError with NET658 for a file that has no such settings
    """
    try:
        with Image.open(path) as file:
            text = file.info.get(field) if file.format == "PNG" else None
        found = "no settings in it"
        if isinstance(text, str):
            found = "other settings than this version's"
            made = _settings(read, text)
            if made is not None:
                return made
    except FileNotFoundError:
        found = "nothing of that name"
    except DAMAGED as error:
        found = f"a file that cannot be read: {error}"
    return fail("NET658", f"`{path}` does not say how it was {done}", expected=f"a PNG of `{command}`", found=found)


def _settings(read: Callable[[Any], T | None], text: str) -> T | None:
    try:
        return read(json.loads(text))
    except (json.JSONDecodeError, TypeError, KeyError, AttributeError):
        return None
