"""Which classes' maps are asked for: by name, by number, the most probable ones, or all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.layers.attributes import nearest

TOP = re.compile(r"top([1-9]\d{0,5})?")
ALL = "all"
SHOWN = 10  # names in a message


@dataclass(frozen=True, slots=True)
class Classes:
    """`numbers` of classes, then the `top` so many of each picture that are not among them."""

    numbers: tuple[int, ...] = ()
    top: int = 0

    def of(self, scores: Tensor) -> Tensor:
        """Images x so many numbers of classes: the named ones as they were named, then the most probable first."""
        named = torch.tensor(self.numbers, dtype=torch.int64, device=scores.device).expand(len(scores), -1)
        left = scores.scatter(1, named, -torch.inf)
        return torch.cat([named, left.topk(min(self.top, scores.shape[1] - len(self.numbers))).indices], 1)


def chosen(words: Sequence[str], names: Sequence[str]) -> Classes:
    """Classes from the words of `--class`; no word is `top`. A class named `top` or `all` is asked for by its number.

    Errors: DiagnosticsError with NET605 for a class that is not there, with the nearest names
    """
    numbers: list[int] = []
    top = 0
    for word in words or ("top",):
        found = TOP.fullmatch(word)
        if word == ALL:
            top = len(names)
        elif found:
            top = max(top, int(found[1] or 1))
        elif (number := _number(word, names)) not in numbers:
            numbers.append(number)
    return Classes(tuple(numbers), min(top, len(names) - len(numbers)))


def _number(word: str, names: Sequence[str]) -> int:
    """By the name as it is written, or with other capitals; else by the number."""
    folded = [name.casefold() for name in names]
    for name, listed in ((word, list(names)), (word.casefold(), folded)):
        if name in listed:
            return listed.index(name)
    if word.isdecimal() and int(word) < len(names):
        return int(word)
    close = nearest(word.casefold(), folded)
    within = [name for name in names if word.casefold() in name.casefold()][:SHOWN]
    meant = [names[folded.index(close)]] if close else []
    return fail(
        "NET605",
        f"there is no class `{word}`",
        expected=_several(names) + f"; or a number from 0 to {len(names) - 1}, top, top5, all",
        found=word,
        note="did you mean " + " or ".join(f"`{n}`" for n in dict.fromkeys([*meant, *within])) + "?"
        if meant or within
        else "",
    )


def _several(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")
