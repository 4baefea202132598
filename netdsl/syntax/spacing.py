"""How many spaces stand between two words of a tidy text: none or one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Word(Protocol):
    """`rule` is the innermost rule of the grammar that the word belongs to; `tight` words keep no distance."""

    text: str
    kind: str
    rule: str
    tight: bool


def space(left: Word, right: Word) -> int:
    """The spaces between two words of a line, where nothing has to be aligned."""
    if left.text.endswith(("(", "[")) or right.text in (")", "]", ",", ";"):
        return 0
    if "." in (left.text, right.text) or _is_sign(left):
        return 0
    if _is_tight(left) or _is_tight(right):
        return 0
    return int(not _touches(left, right))


def joined(words: Sequence[Word]) -> str:
    """An expression on one line."""
    text = ""
    for index, word in enumerate(words):
        text += " " * (space(words[index - 1], word) if index else 0) + word.text
    return text


def _is_sign(word: Word) -> bool:
    """The minus of `-3`."""
    return word.rule == "signed" and word.kind == "SIGN"


def _is_tight(word: Word) -> bool:
    """The signs in `2*k` and in a recipe's `sgd(lr=0.1)`."""
    return word.tight and word.rule in ("operation", "keyword") and word.kind in ("STAR", "SCALE", "EQUALS")


def _touches(left: Word, right: Word) -> bool:
    """`x*{n}`: a repetition belongs to its item."""
    if right.rule == "repeat" and right.kind == "STAR":
        return True
    if left.rule == "repeat" and left.kind == "STAR":
        return True
    return (is_count(right) and right.kind == "RBRACE") or (is_count(left) and left.kind == "LBRACE")


def is_count(word: Word) -> bool:
    """Braces around an expression: the `{n - 1}` of a repetition."""
    return word.rule in ("repeat", "cell") and word.kind in ("LBRACE", "RBRACE")
