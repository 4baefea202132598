"""Layers made as a text makes them: arguments checked, then the shape, then built."""

from typing import Any

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers import CODES, NAMES, Layer
from netdsl.layers.attributes import argument_problems


def fmap(text: str) -> FeatureMap:
    """`3x224x224` as a feature map."""
    channels, *size = map(int, text.split("x"))
    return FeatureMap(channels, tuple(size))


def make(word: str, x: Any, **given: Any) -> Layer:
    """The layer of a code or name on an input; every check before `problems` must pass."""
    entry = CODES.get(word) or NAMES[word]
    arguments = {**entry.given, **given}
    found = [*argument_problems(word, entry.layer.signature, arguments), *entry.layer.shape_problems(arguments, x)]
    assert not found, found
    return entry.layer.build(arguments, x)


def early_problems(word: str, x: Any, **given: Any) -> list[Problem]:
    """What is wrong with the arguments, or with their number of axes."""
    entry = CODES.get(word) or NAMES[word]
    arguments = {**entry.given, **given}
    return list(argument_problems(word, entry.layer.signature, arguments)) or list(
        entry.layer.shape_problems(arguments, x)
    )


def codes(problems: Any) -> list[str]:
    return [problem.code for problem in problems]
