"""The functions of expressions: floor, min, range, log2 and the rest, on exact numbers and lists."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MAX_LIST = 100_000
MAX_LISTS_IN_LISTS = 4


@dataclass(frozen=True, slots=True)
class Function:
    """What it computes, and how it is called; TypeError and ValueError from `value` mean that it cannot be."""

    form: str
    value: Callable[..., Any]


def is_number(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def list_size(value: tuple[Any, ...], depth: int = 1) -> int:
    """Items, those of lists in it counted too. A list of lists of lists would be as long as the powers of two."""
    if depth > MAX_LISTS_IN_LISTS:
        return MAX_LIST + 1
    size = 0
    for item in value:
        size += 1 + (list_size(item, depth + 1) if isinstance(item, tuple) else 0)
        if size > MAX_LIST:
            break
    return size


def _numbers_of(args: tuple[Any, ...]) -> tuple[Any, ...]:
    values = args[0] if len(args) == 1 and isinstance(args[0], tuple) else args
    if not values or not all(map(is_number, values)):
        raise TypeError
    return values


def _rounded_by(rule: Callable[[Any], int]) -> Callable[[Any], int]:
    def value(number: Any) -> int:
        if not is_number(number):
            raise TypeError
        return rule(number)

    return value


def _length(values: Any) -> int:
    if not isinstance(values, tuple):
        raise TypeError
    return len(values)


def _range(*args: int) -> tuple[int, ...]:
    if not all(map(is_number, args)):
        raise TypeError
    numbers = range(*args)
    if len(numbers) > MAX_LIST:
        raise ValueError
    return tuple(numbers)


def _divisible(value: int | Fraction, by: int) -> int:
    """MobileNet's rounding to a multiple, never more than a tenth below (arXiv:1801.04381, as used by its authors)."""
    if not is_number(value) or not is_number(by) or not isinstance(by, int) or by < 1:
        raise TypeError
    rounded = max(by, int(value + Fraction(by, 2)) // by * by)
    return rounded + by if rounded < Fraction(9, 10) * value else rounded


def _log2(value: int | Fraction) -> int | Fraction:
    if not is_number(value):
        raise TypeError
    if value > 0 and Fraction(value).denominator == 1 and int(value).bit_count() == 1:
        return int(value).bit_length() - 1
    return Fraction(math.log2(value)).limit_denominator(10**9)


def _round(value: int | Fraction) -> int:
    """Halves go up, unlike Python's, which go to the even number."""
    return math.floor(value + Fraction(1, 2))


FUNCTIONS: dict[str, Function] = {
    "floor": Function("floor(number)", _rounded_by(math.floor)),
    "ceil": Function("ceil(number)", _rounded_by(math.ceil)),
    "round": Function("round(number)", _rounded_by(_round)),
    "min": Function("min(number, number, ...) or min(list)", lambda *args: min(_numbers_of(args))),
    "max": Function("max(number, number, ...) or max(list)", lambda *args: max(_numbers_of(args))),
    "len": Function("len(list)", _length),
    "range": Function(f"range(end), range(start, end) or range(start, end, step), up to {MAX_LIST:,} numbers", _range),
    "log2": Function("log2(number above 0)", _log2),
    "divisible": Function("divisible(number, multiple)", _divisible),
}
