"""Numbers as they are written, read without rounding: `138_357_544`, `.5`, `1e-4`, `50%`, `1.7M`."""

from fractions import Fraction

UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10}


def number_value(text: str) -> int | Fraction:
    """The exact value; whole numbers are ints."""
    text = text.replace("_", "")
    share = text.endswith("%")
    value = Fraction(text.removesuffix("%"))
    if share:
        value /= 100
    return whole_if_possible(value)


def quantity(text: str) -> tuple[int | Fraction, int | Fraction]:
    """A printed figure's value and the size of its last digit: `1.7M` is (1_700_000, 100_000)."""
    unit = next((u for u in ("Ki", "K", "M", "G") if text.endswith(u)), "")
    digits = text.removesuffix(unit).replace("_", "")
    scale = UNITS.get(unit, 1)
    decimals = len(digits.partition(".")[2])
    step = Fraction(scale, 10**decimals)
    return whole_if_possible(Fraction(digits) * scale), whole_if_possible(step)


def whole_if_possible(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
