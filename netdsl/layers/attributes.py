"""The attributes of a layer: their names, kinds and defaults, and the check of what a text gives for them."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.record import Record, record

Value = Any  # int, float, bool, str, or a tuple of ints (an axis each)

REQUIRED: Any = object()
FILLED_IN: Any = object()  # left out in the text and worked out from the net: the bare `C`


@record
class Kind(Record):
    """What an attribute may hold. `words` are the bare words it takes."""

    name: str
    words: tuple[str, ...] = ()
    types: tuple[type, ...] = (int,)
    minimum: float | None = None
    below: float | None = None
    per_axis: bool = False

    def accepts(self, value: Value) -> bool:
        if isinstance(value, str):
            return value in self.words
        if self.per_axis and isinstance(value, tuple):
            return bool(value) and all(self._in_range(v) for v in value)
        return self._in_range(value)

    def _in_range(self, value: Value) -> bool:
        fits = isinstance(value, self.types) and isinstance(value, bool) == (bool in self.types)
        return fits and (self.minimum is None or value >= self.minimum) and (self.below is None or value < self.below)

    def show(self, value: Value) -> str:
        """A value as a message has it."""
        return show(value)


COUNT = Kind("a whole number from 1", minimum=1)
AXES = Kind("a whole number from 1, or one for each axis", minimum=1, per_axis=True)
PADDING = Kind(
    "a whole number from 0, one for each axis, or `same`, `valid`, `full`",
    words=("same", "valid", "full"),
    minimum=0,
    per_axis=True,
)
PIXELS = Kind("a whole number from 0, or one for each axis", minimum=0, per_axis=True)
GROUPS = Kind("a whole number from 1, or `depthwise`", words=("depthwise",), minimum=1)
FLAG = Kind("`true` or `false`", types=(bool,))
NUMBER = Kind("a number", types=(int, float))
POSITIVE = Kind("a number from 0", types=(int, float), minimum=0)
PROBABILITY = Kind("a probability: from 0 to below 1", types=(int, float), minimum=0, below=1)


@record
class Table(Kind):
    """Rows of whole numbers from 0, no number twice in a row; a single row is a plain list."""

    def accepts(self, value: Value) -> bool:
        rows = value if isinstance(value, tuple) and value and isinstance(value[0], tuple) else (value,)
        return all(isinstance(row, tuple) and row and len(set(row)) == len(row) for row in rows) and all(
            self._in_range(number) for row in rows for number in row
        )

    def show(self, value: Value) -> str:
        if not isinstance(value, tuple):
            return show(value)
        rows = value if any(isinstance(row, tuple) for row in value) else (value,)
        return "[" + "; ".join(", ".join(map(show, row if isinstance(row, tuple) else (row,))) for row in rows) + "]"


TABLE = Table("rows of whole numbers from 0, no number twice in a row: `[0, 1; 1, 2]`", minimum=0)


@record
class TagValue(Record):
    """A tag as an argument: `residual(project = @a)`."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


@record
class Place(Record):
    """Another place of the net as an argument: its node, the layer there, what comes in and what goes out."""

    text: str
    node: int
    layer: Any
    x: Any
    output: FeatureMap

    def __str__(self) -> str:
        return self.text


TAG = Kind("a tag such as `@a`", types=(TagValue, Place))
CONDITION = Kind("a condition of the net", types=(Place,))


def word(*words: str) -> Kind:
    return Kind(" or ".join(f"`{w}`" for w in words), words=words, types=())


@record
class Attribute(Record):
    """One attribute, under torch's name where torch has one."""

    name: str
    kind: Kind
    default: Value = REQUIRED


def nearest(name: str, known: Iterable[str], likeness: float = 0.7) -> str | None:
    """The known name that a typing error most likely meant; short names may be a little less alike."""
    matches = get_close_matches(name, list(known), n=1, cutoff=min(likeness, 0.6) if len(name) < 4 else likeness)
    return matches[0] if matches else None


def argument_problems(what: str, signature: tuple[Attribute, ...], given: Mapping[str, Value]) -> Iterator[Problem]:
    """Unknown attributes, required ones that are missing, values of the wrong kind (NET204, NET205, NET206)."""
    known = {attribute.name: attribute for attribute in signature}
    for name, value in given.items():
        attribute = known.get(name)
        if attribute is None:
            names = ", ".join(known) or "no attributes"
            close = nearest(name, known)
            yield Problem(
                "NET204",
                f"`{what}` has no attribute `{name}`",
                expected=f"one of: {names}" if known else "no attributes",
                found=name,
                help=f"write `{close}`" if close else "",
                replacement=close,
                argument=name,
            )
        elif not attribute.kind.accepts(value):
            yield Problem(
                "NET206",
                f"`{name}` of `{what}` cannot be {attribute.kind.show(value)}",
                expected=attribute.kind.name,
                found=attribute.kind.show(value),
                argument=name,
                **_decimal_point(attribute, value),
            )
    for attribute in signature:
        if attribute.default is REQUIRED and attribute.name not in given:
            yield Problem("NET205", f"`{what}` needs `{attribute.name}`", expected=attribute.kind.name, found="nothing")


def _decimal_point(attribute: Attribute, value: Value) -> dict[str, str]:
    """`D5` and `dropout(50)` most likely miss the point of `D.5`, or mean percent."""
    if attribute.kind is not PROBABILITY or not isinstance(value, int) or not 1 < value < 100:
        return {}
    share = str(value / (10 if value < 10 else 100)).removeprefix("0")
    return {"help": f"write `{share}`", "replacement": share}


def show(value: Value) -> str:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
