"""What names mean where an expression stands, and the ways in which it can have no value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from netdsl.diagnostics import Diagnostic, Span
from netdsl.geometry import FeatureMap


class UnknownError(Exception):
    """The value hangs on something that is wrong elsewhere and was reported there."""


class EvaluationError(Exception):
    """The expression has no value; the diagnostic says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


@dataclass(frozen=True, slots=True)
class NamedOp:
    """The name of a block or op as a value: `net resnet(unit = basic)`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(slots=True)
class Environment:
    """What names mean where an expression stands."""

    variables: dict[str, Any]
    names: Callable[[str], bool] = lambda name: False
    """Is this a block or op?"""
    here: Callable[[], FeatureMap | None] | None = None
    tag: Callable[[str, Span], FeatureMap] | None = None
    words: frozenset[str] = field(default_factory=frozenset)
    bare_words: bool = False
    """In recipes a name that means nothing else is a word."""
    origins: dict[str, Span] = field(default_factory=dict)
    """Where each `let` stands."""
    sizes_read: list[Span] = field(default_factory=list)
    """Where the height or another size was asked for."""
