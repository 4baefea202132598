"""A reader of single codes and calls, written apart from the compiler's: `C3-64/2p1`, `tanh(scale=150)`."""

import re
from typing import Any

from netdsl.layers import CODES, NAMES, Layer
from netdsl.layers.attributes import argument_problems

LETTERS = re.compile(r"([A-Z])((?:[\d.x]+)?(?:-\d+)?)(?:/([\dx]+))?((?:[a-z](?:\d[\dx]*)?)*)")
CALL = re.compile(r"([a-z]\w*)(?:\((.*)\))?")
MODIFIERS: dict[str, tuple[str, Any]] = {
    "s": ("padding", "same"),
    "v": ("padding", "valid"),
    "f": ("padding", "full"),
    "c": ("ceil_mode", True),
    "b": ("bias", True),
    "n": ("bias", False),
    "p": ("padding", None),
    "d": ("dilation", None),
    "g": ("groups", None),
}


def read_code(code: str, x: Any) -> Layer:
    if match := LETTERS.fullmatch(code):
        entry = CODES[match[1]]
        given = dict(zip(entry.layer.numbers, map(value, filter(None, match[2].split("-"))), strict=False))
        if match[3]:
            given["stride"] = value(match[3])
        for letter, number in re.findall(r"([a-z])(\d[\dx]*)?", match[4]):
            name, word = MODIFIERS[letter]
            given[name] = value(number) if word is None else word
    else:
        match = CALL.fullmatch(code)
        assert match, code
        entry = NAMES[match[1]]
        words = [word.partition("=") for word in (match[2] or "").split(", ") if word]
        names = [attribute.name for attribute in entry.layer.signature]
        given = {k if e else names[i]: value(v if e else k) for i, (k, e, v) in enumerate(words)}
    given = {**entry.given, **given}
    assert not list(argument_problems(code, entry.layer.signature, given))
    return entry.layer.build(given, x)


def value(text: str) -> Any:
    if re.fullmatch(r"\d+(x\d+)+", text):
        return tuple(map(int, text.split("x")))
    if text.startswith("["):
        return tuple(tuple(map(int, row.split(","))) for row in text[1:-1].split("; "))
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
