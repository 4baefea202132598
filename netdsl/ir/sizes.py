"""What holds for a net whose input leaves sizes open: which sizes it takes, and what comes out of each."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from fractions import Fraction

from netdsl.record import Record, record

Shape = tuple[int | str, ...]


@record
class SizeRule(Record):
    """The sizes that an open letter can stand for: from `least` on those with a remainder of `step`, and `also` some.

    `axes` are those of the input that have the letter, `at` is the size that the network was laid out at.
    """

    letter: str
    axes: tuple[int, ...]
    at: int
    least: int
    step: int
    remainders: tuple[int, ...]
    also: tuple[int, ...] = ()

    def holds(self, size: int) -> bool:
        return size in self.also or (size >= self.least and size % self.step in self.remainders)

    @property
    def smallest(self) -> int:
        """The smallest size that fits."""
        in_turn = next(n for n in range(self.least, self.least + self.step) if n % self.step in self.remainders)
        return min((in_turn, *self.also))

    @property
    def text(self) -> str:
        """`a multiple of 4`, `12 more than a multiple of 16, from 188 on`; empty where every size will do."""
        parts = [remainders_text(self.step, self.remainders)] if self.step > 1 else []
        smallest = next(n for n in range(self.least, self.least + self.step) if n % self.step in self.remainders)
        if smallest > min(r or self.step for r in self.remainders):
            parts.append(f"from {smallest} on" if parts else f"at least {smallest}")
        if self.also:
            parts.append("or " + ", ".join(map(str, self.also)))
        return ", ".join(parts)


@record
class OpenSizes(Record):
    """The rules of a net by letter, the shape of its output, and what an input pixel costs.

    In a shape a formula, such as `4*ceil(H/4)`, stands where a size is open. `macs_per_pixel` is None where the count
    does not grow with the number of pixels; `same_size` says when the output has the input's size.
    """

    rules: Mapping[str, SizeRule]
    output: Shape
    one_of: Mapping[str, int] = field(default_factory=dict)
    """Where a norm wants more than one pixel: one of the letters at least must have this size or more."""
    macs_per_pixel: Fraction | None = None
    same_size: Mapping[str, str] = field(default_factory=dict)
    vectors: frozenset[int] = frozenset()
    """The ends of the net and of its heads that are Cx1x1 at every size."""

    @property
    def conditions(self) -> str:
        """`H and W each a multiple of 4`: the sizes that the net takes, letters with one rule together."""
        each = together({letter: rule.text for letter, rule in self.rules.items()})
        return "; ".join(text for text in (each, self.one_of_text) if text)

    @property
    def one_of_text(self) -> str:
        """`H or W at least 2`."""
        several = len(set(self.one_of.values())) > 1
        texts = [f"{letter} at least {n}" for letter, n in self.one_of.items()]
        return " or ".join(texts) if several else " or ".join(self.one_of) + texts[0][1:] if texts else ""

    def refused(self, sizes: Mapping[str, int]) -> list[str]:
        """What the sizes break: `H a multiple of 4`; nothing where the net takes them."""
        broken = {letter: rule.text for letter, rule in self.rules.items() if not rule.holds(sizes[letter])}
        if broken:
            return [f"{letter} {text}" for letter, text in broken.items()]
        small = self.one_of and all(sizes[letter] < n for letter, n in self.one_of.items())
        return [self.one_of_text] if small else []


def remainders_text(step: int, remainders: Iterable[int]) -> str:
    """`a multiple of 4`, `12 more than a multiple of 16`."""
    offsets = [str(r) for r in remainders if r]
    multiple = f"a multiple of {step}" if step > 2 or offsets else "even"
    if step == 2 and offsets == ["1"]:
        return "odd"
    more = [f"{' or '.join(offsets)} more than a multiple of {step}"] if offsets else []
    return " or ".join(([multiple] if 0 in tuple(remainders) else []) + more)


def together(texts: Mapping[str, str]) -> str:
    """Letters of which the same is said, said once."""
    said: dict[str, list[str]] = {}
    for letter, text in texts.items():
        if text:
            said.setdefault(text, []).append(letter)
    each = {text: " each" if len(letters) > 1 else "" for text, letters in said.items()}
    return "; ".join(f"{' and '.join(letters)}{each[text]} {text}" for text, letters in said.items())
