"""Two halves of a data set's classes, for the transfer experiment."""

import random
from dataclasses import dataclass
from typing import NoReturn

from netdsl import data as datasets
from netdsl.diagnostics import fail
from netdsl.tasks.setup.choice import chosen_classes

ANIMALS = ("bird", "cat", "deer", "dog", "frog", "horse")
VEHICLES = ("airplane", "automobile", "ship", "truck")
KINDS = {"animals": (ANIMALS, VEHICLES), "vehicles": (VEHICLES, ANIMALS)}
"""CIFAR-10's dissimilar halves, the named one as A."""
RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Halves:
    """Names of classes. B is what is to be learned, A what is learned before it."""

    a: tuple[str, ...]
    b: tuple[str, ...]


def halves(data: str, split: str, seed: int) -> Halves:
    """`random` (by the seed), `animals`, `vehicles`, or `cat,dog/ship,truck`. Errors: NET510, NET535, NET575"""
    known = datasets.class_names(data)
    if split == RANDOM:
        order = list(known)
        random.Random(seed).shuffle(order)  # noqa: S311 - a division of classes is no secret
        a, b = order[: len(order) // 2], order[len(order) // 2 :]
        return _checked(data, split, sorted(a, key=known.index), sorted(b, key=known.index))
    if split in KINDS:
        if not set(ANIMALS + VEHICLES) <= set(known):
            _none(split, f"the classes of CIFAR-10 in {data}", ", ".join(known))
        return Halves(*KINDS[split])
    first, slash, second = split.partition("/")
    if not slash or "/" in second:
        _none(split, "random, animals, vehicles, or two lists of classes such as cat,dog/ship,truck", split)
    return _checked(data, split, *([word.strip() for word in part.split(",")] for part in (first, second)))


def _checked(data: str, split: str, a: list[str], b: list[str]) -> Halves:
    if min(len(a), len(b)) < 2:
        _none(split, "two classes or more in each half", f"{len(a)} and {len(b)}")
    found = Halves(chosen_classes(data, a), chosen_classes(data, b))
    both = sorted(set(found.a) & set(found.b))
    if both:
        _none(split, "each class in one half only", f"{', '.join(both)} in both")
    return found


def _none(split: str, expected: str, found: str) -> NoReturn:
    fail("NET575", f"`{split}` does not say two halves", expected=expected, found=found)
