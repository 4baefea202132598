"""Sweeps: one picture for each value of a setting, or of two, as the thesis's figures 5.7 and 5.8."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from netdsl.style.iterative.fit import OPTIMIZERS
from netdsl.style.iterative.settings import INITS, Settings


def _weight(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _seed(text: str) -> int:
    return _count(text) if text != "0" else 0


def _init(text: str) -> str:
    if text not in INITS and not Path(text).is_file():
        raise ValueError(text)
    return text


def _optimizer(text: str) -> str:
    return OPTIMIZERS[OPTIMIZERS.index(text)]


SWEPT: Mapping[str, Callable[[str], object]] = {
    "style_weight": _weight,
    "content_weight": _weight,
    "tv_weight": _weight,
    "style_size": _count,
    "steps": _count,
    "size": _count,
    "seed": _seed,
    "init": _init,
    "optimizer": _optimizer,
}
"""What a sweep can go over, and how its values are read. A ValueError says that a text is none."""

Axis = tuple[str, tuple[object, ...]]
"""A setting's name and its values."""


def variations(settings: Settings, axes: Sequence[Axis]) -> Iterator[tuple[Settings, str]]:
    """The settings of each picture with what is written under it: the last axis runs first."""
    for values in product(*(values for _, values in axes)):
        chosen = dict(zip((name for name, _ in axes), values, strict=True))
        caption = ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in chosen.items())
        yield replace(settings, **chosen), caption  # type: ignore[arg-type]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
