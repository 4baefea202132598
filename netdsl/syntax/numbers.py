"""Numbers as they are written, read without rounding: `138_357_544`, `.5`, `1e-4`, `50%`, `1.7M`."""

from collections.abc import Callable
from fractions import Fraction

from netdsl.diagnostics import Diagnostic, Span
from netdsl.syntax.ast import Broken, Number

MAX_BITS = 64  # of a number's numerator or denominator
MAX_LENGTH = 40  # characters, so that nothing long is worked out before it is refused
UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10}


def number_value(text: str) -> int | Fraction:
    """The exact value; whole numbers are ints."""
    text = text.replace("_", "")
    share = text.endswith("%")
    value = Fraction(text.removesuffix("%"))
    if share:
        value /= 100
    return whole_if_possible(value)


def number(span: Span, report: Callable[[Diagnostic], None]) -> Number | Broken:
    """The number that a text is, refused when it is longer than any net needs (NET211)."""
    text = span.text
    short = len(text) <= MAX_LENGTH and len(text.lower().partition("e")[2].strip("+-")) <= 2
    value = number_value(text) if short else 0
    if short and max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS:
        return Number(span, value)
    shown = text if len(text) <= MAX_LENGTH else f"{text[:12]}..., {len(text):,} characters"
    expected = f"a number of at most {MAX_BITS} bits"
    report(Diagnostic("NET211", "this number has too many digits", span, expected=expected, found=shown))
    return Broken(span)


def quantity(text: str) -> tuple[int | Fraction, int | Fraction]:
    """A printed figure's value and the size of its last digit: `1.7M` is (1_700_000, 100_000)."""
    unit = next((u for u in ("Ki", "K", "M", "G") if text.endswith(u)), "")
    digits = text.removesuffix(unit).replace("_", "")
    scale = UNITS.get(unit, 1)
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    step = Fraction(scale) / Fraction(10) ** decimals
    return whole_if_possible(Fraction(digits) * scale), whole_if_possible(step)


def whole_if_possible(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
