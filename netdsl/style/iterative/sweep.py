"""Sweeps: one picture for each value of a setting, or of two, as the thesis's figures 5.7 and 5.8."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from netdsl.style.iterative.settings import Settings

SWEPT: Mapping[str, Callable[[str], object]] = {
    "style_weight": float,
    "content_weight": float,
    "tv_weight": float,
    "style_size": int,
    "steps": int,
    "size": int,
    "seed": int,
    "init": str,
    "optimizer": str,
}
"""What a sweep can go over, and how its values are read."""

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
