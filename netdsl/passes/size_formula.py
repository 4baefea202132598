"""The formula of a size that stays open, found from its values: `H/4`, `4*ceil(H/4)`, `floor((H - 5)/2)`."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from netdsl.ir.sizes import remainders_text


def formula(letter: str, values: Mapping[int, int], slope: Fraction, period: int) -> str:
    """What gives `values` (size in, size out) for a size that grows by `slope` for each pixel of the input.

    Every value is checked; where no single rounding gives them all, the formula says what holds for each remainder.
    """
    first, out = next(iter(values.items()))
    over, under = slope.numerator, slope.denominator  # whole numbers, since fractions are slow
    rest = under * out - over * first
    if all(under * value == over * n + rest for n, value in values.items()):
        return _linear(letter, slope, Fraction(rest, under))
    for step in range(1, period + 1):
        if period % step or (slope * step).denominator != 1:
            continue
        scale = over * step // under
        for shift in (step - 1, *range(step - 1)):
            rest = out - scale * ((first + shift) // step)
            if all(value == scale * ((n + shift) // step) + rest for n, value in values.items()):
                return _rounded(letter, scale, step, shift, rest)
    return _by_remainder(letter, values, slope, period)


def same_size(values: Mapping[int, int], period: int) -> str | None:
    """When the size that comes out is the one that goes in: `any`, `a multiple of 4`, None for never."""
    kept = {n for n, value in values.items() if n == value}
    if len(kept) == len(values):
        return "any"
    for step in range(1, period + 1):
        remainders = sorted({n % step for n in kept})
        if period % step == 0 and kept and kept == {n for n in values if n % step in remainders}:
            return remainders_text(step, remainders)
    return None


def _linear(letter: str, slope: Fraction, offset: Fraction) -> str:
    """slope * letter + offset, as one would write it."""
    if offset.denominator == 1 or slope.denominator == 1:
        return _scaled(letter, slope) + _signed(floor(offset) if offset.denominator == 1 else offset)
    inside = f"({letter}{_signed(offset / slope)})" if (offset / slope).denominator == 1 else ""
    return _scaled(inside, slope) if inside else _scaled(letter, slope) + _signed(offset)


def _scaled(text: str, slope: Fraction) -> str:
    times = "" if slope.numerator == 1 else f"{slope.numerator}*"
    return times + text + ("" if slope.denominator == 1 else f"/{slope.denominator}")


def _signed(offset: Fraction | int) -> str:
    return "" if not offset else f" {'+' if offset > 0 else '-'} {abs(offset)}"


def _rounded(letter: str, scale: int, step: int, shift: int, rest: int) -> str:
    times = "" if scale == 1 else f"{scale}*"
    if shift == step - 1:
        text = f"ceil({letter}/{step})"
    elif shift:
        text = f"floor(({letter} + {shift})/{step})"
    else:
        text = f"floor({letter}/{step})"
    return times + text + _signed(rest)


def _by_remainder(letter: str, values: Mapping[int, int], slope: Fraction, period: int) -> str:
    offsets: dict[Fraction, list[int]] = {}
    for n, value in values.items():
        offsets.setdefault(value - slope * n, []).append(n % period)
    parts = []
    for offset, remainders in offsets.items():
        wanted = sorted(set(remainders))
        parts.append(f"{_linear(letter, slope, offset)} for {letter} {remainders_text(period, wanted)}")
    return "; ".join(parts)
