"""What a recipe's words take: each word is a class, each of its arguments a field that says what fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from math import isfinite
from typing import Any, NoReturn, TypeVar, cast

from netdsl.ir.network import Call
from netdsl.layers.attributes import nearest
from netdsl.record import Record

T = TypeVar("T")


class UnusableError(Exception):
    """A value that cannot be used: code, message, expected, found, note."""


def argument(default: T, read: Callable[[str, Any], T] | None = None) -> T:
    """A field whose value is read by `read(name, value)`; without it, true or false."""
    return field(default=default, metadata={"read": read or truth})


def positive(default: float) -> float:
    return argument(default, positive_number)


def below_one(default: float) -> float:
    return argument(default, lambda name, value: number(name, value, "0 or more, below 1", lambda n: 0 <= n < 1))


R = TypeVar("R", bound=Record)


def read_call(setting: str, value: Any, words: Mapping[str, type[R]]) -> R:
    """`word` or `word(...)` as the word's record, every argument checked."""
    name, given = call(setting, value, {word: made._names for word, made in words.items()})
    readers = {f.name: f.metadata["read"] for f in words[name]._fields}
    return words[name](**{argument: readers[argument](argument, found) for argument, found in given.items()})


def call(setting: str, value: Any, known: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, Any]]:
    """The word and its arguments by name, from `word` or `word(...)`."""
    if isinstance(value, str):
        value = Call(value)
    if not isinstance(value, Call):
        wrong(setting, " or ".join(f"`{_signature(word, known)}`" for word in known), value)
    if value.name not in known:
        unknown("NET531", f"`{setting}` cannot be `{value.name}`", value.name, known)
    names = known[value.name]
    if len(value.args) > len(names):
        wrong(setting, f"`{_signature(value.name, known)}`", value)
    given = dict(zip(names, value.args, strict=False))
    for name, found in value.kwargs.items():
        if name not in names:
            unknown("NET531", f"`{value.name}` has no argument `{name}`", name, names)
        if name in given:
            raise UnusableError("NET531", f"`{name}` is given twice", "each argument once", str(value), "")
        given[name] = found
    return value.name, given


def word(setting: str, value: Any, known: Sequence[str]) -> str:
    """One of the words, which take nothing."""
    return call(setting, value, dict.fromkeys(known, ()))[0]


def number(name: str, value: Any, expected: str, fits: Callable[[float], bool]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or not fits(value):
        wrong(name, expected, value)
    return cast(float, value)


def positive_number(name: str, value: Any) -> float:
    return number(name, value, "a number above 0", lambda n: n > 0)


def not_negative(name: str, value: Any) -> float:
    return number(name, value, "a number, 0 or more", lambda n: n >= 0)


def count(name: str, value: Any) -> int:
    return int(number(name, value, "a whole number from 1 on", lambda n: n >= 1 and n == int(n)))


def truth(name: str, value: Any) -> bool:
    found = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        wrong(name, "true or false", value)
    return found


def items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def wrong(name: str, expected: str, value: Any) -> NoReturn:
    raise UnusableError("NET532", f"`{name}` cannot be {_shown(value)}", expected, _shown(value), "")


def unknown(code: str, message: str, name: str, known: Mapping[str, Any] | Sequence[str]) -> NoReturn:
    close = nearest(name, known)
    listed = f"one of: {', '.join(known)}" if known else "no arguments"
    raise UnusableError(code, message, listed, name, f"did you mean `{close}`?" if close else "")


def _signature(word: str, known: Mapping[str, Sequence[str]]) -> str:
    return f"{word}({', '.join(known[word])})" if known[word] else word


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list | tuple) else str(value)
