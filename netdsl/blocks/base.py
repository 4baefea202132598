"""What constructs that need the compiler say about themselves, and the registry they are looked up in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from netdsl.diagnostics import InternalError, Problem, Severity
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import Attribute

UNKNOWN = -1
"""In place of a node: the tensor of something that is wrong and was reported."""


class Site(Protocol):
    """Where a block is laid out: what the compiler offers to `expand`. Tensors are node numbers, or UNKNOWN."""

    @property
    def here(self) -> int:
        """The tensor that comes in."""

    def body(self) -> int:
        """Lay out what stands between the block's braces, from `here`."""

    def place(self, name: str, given: Mapping[str, Any], at: int, path: str = "") -> int:
        """Lay out one layer behind a tensor, in the part `path` of the block."""

    def join(self, name: str, tensors: tuple[int, ...]) -> int:
        """Lay out a join of tensors."""

    def shape(self, tensor: int) -> FeatureMap:
        """The shape of a tensor that is known."""

    def tagged(self, name: str) -> int:
        """The tensor of a tag, in the body or around the block."""

    def final_norm(self, tensor: int) -> tuple[str, Mapping[str, Any]] | None:
        """The name and arguments of the norm that gives this tensor, if a norm does."""

    def norm_is_inside(self, tensor: int) -> bool:
        """Does the body that gives this tensor have a norm, and end in a layer that is no norm and has no weights?"""

    def report(self, problem: Problem, severity: Severity = "error") -> None: ...


class Form(Protocol):
    """A block of the language: a name, attributes, and what it is made of."""

    name: str
    signature: tuple[Attribute, ...]

    def expand(self, site: Site, given: Mapping[str, Any]) -> int:
        """Lay the block out and return the tensor it gives."""


def sizes_text(x: FeatureMap) -> str:
    """Height and width of a map as a message says them: `32x32`."""
    return "x".join(map(str, x.size)) if x.size else "a vector"


BLOCKS: dict[str, Form] = {}

F = TypeVar("F", bound=type[Any])


def block(name: str) -> Callable[[F], F]:
    """Register a block under its word."""

    def register(cls: F) -> F:
        if name in BLOCKS:
            raise InternalError(f"{name} is taken twice")
        cls.name = name
        BLOCKS[name] = cls()
        return cls

    return register
