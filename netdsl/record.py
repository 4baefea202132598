"""Frozen dataclasses without generated code, for the many small classes that every command imports.

`@dataclass` compiles five methods for each class: 0.4 ms, and 100 classes were a fifth of the time of `netdsl check`.
A record has the same methods from one base class, 20 times as fast to make; an instance takes a little longer, so
what a net has thousands of (Node, FeatureMap) stays a dataclass. `dataclasses.replace` and `asdict` work on both.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

R = TypeVar("R", bound="type[Record]")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: R) -> R:
    """Make a subclass of Record from its annotations, as `@dataclass(frozen=True)` would."""
    dataclass(init=False, repr=False, eq=False)(cls)
    cls._fields = fields(cls)  # type: ignore[arg-type]
    cls._names = tuple(f.name for f in cls._fields)
    cls._known = frozenset(cls._names)
    cls._compared = tuple(f.name for f in cls._fields if f.compare)
    return cls


class Record:
    """Base of records: positional and keyword arguments, equality and hash by value, no assignment afterwards."""

    _fields: ClassVar[tuple[Field[Any], ...]] = ()
    _names: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _compared: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        values = dict(zip(cls._names, args, strict=False))
        values.update(kwargs)
        given = len(args) + len(kwargs)
        if given != len(cls._names) or len(values) != given or not kwargs.keys() <= cls._known:
            self._complete(values, given)
        self.__dict__.update(values)

    def _complete(self, values: dict[str, Any], given: int) -> None:
        """Put the defaults in. Errors: TypeError for what is missing, unknown or given twice."""
        cls = type(self)
        if given > len(values) or not values.keys() <= cls._known:
            raise TypeError(f"{cls.__name__} takes {', '.join(cls._names)}")
        for f in cls._fields:
            if f.name not in values:
                if f.default_factory is not MISSING:
                    values[f.name] = f.default_factory()
                elif f.default is not MISSING:
                    values[f.name] = f.default
                else:
                    raise TypeError(f"{cls.__name__} needs {f.name}")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        ours, theirs = self.__dict__, other.__dict__
        return all(ours[name] == theirs[name] for name in self._compared)

    def __hash__(self) -> int:
        values = self.__dict__
        return hash((type(self), *[values[name] for name in self._compared]))

    def __repr__(self) -> str:
        shown = (f"{f.name}={self.__dict__[f.name]!r}" for f in self._fields if f.repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"{type(self).__name__} is frozen: cannot set {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"{type(self).__name__} is frozen: cannot delete {name}")
