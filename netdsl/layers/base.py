"""What every kind of layer says about itself, and the registry that the compiler looks them up in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from netdsl.diagnostics import InternalError, Problem
from netdsl.geometry import FeatureMap, Slide
from netdsl.layers.attributes import FILLED_IN, Attribute, Value
from netdsl.record import Record, record

if TYPE_CHECKING:
    from torch.nn import Module

Reach = tuple[Slide, ...] | Literal["pointwise", "whole map"]


@record
class Layer(Record):
    """Base of all layers: a frozen dataclass whose fields are the numbers a node of the IR needs.

    A subclass states its `signature` (the attributes as the text gives them) and overrides the rules that differ
    from a pointwise layer without parameters. Every rule takes the feature map that comes in, as plain ints.
    """

    name: ClassVar[str]
    letter: ClassVar[str | None] = None
    signature: ClassVar[tuple[Attribute, ...]] = ()
    numbers: ClassVar[tuple[str, ...]] = ()
    """Attributes that a code's numbers set, in order: `C3-64` is ("kernel_size", "out_channels")."""

    is_join: ClassVar[bool] = False
    """Takes a tuple of feature maps in place of one."""
    slices: ClassVar[bool] = False
    """A join whose branches start from equal slices of the channels, not from all of them."""
    is_pool: ClassVar[bool] = False
    """Counts for the textbook's rule that filters double after each pool."""
    weighted: ClassVar[bool] = False
    """Counts for the depth of a net."""
    linear: ClassVar[bool] = False
    """Without a nonlinearity of its own: two of them in a row collapse into one."""
    is_norm: ClassVar[bool] = False
    """A projection around it ends in the same norm."""
    subtracts_mean: ClassVar[bool] = False
    """A constant added before it has no effect: a bias there is needless."""
    takes_vector: ClassVar[bool] = True
    """False where a vector is read as a map of one pixel."""
    names_place: ClassVar[Literal["", "output", "input", "weights"]] = ""
    """What it takes besides what comes in, of the place that an argument names: `crop(@x)` takes the output there."""
    place_is: ClassVar[str] = ""
    """The kind of layer that must stand there, by its name; any where this is empty."""

    @classmethod
    def build(cls, given: Mapping[str, Value], x: FeatureMap) -> Layer:
        """The layer for arguments that passed `argument_problems`; the defaults of the signature fill the rest."""
        values = {a.name: given.get(a.name, a.default) for a in cls.signature}
        return cls(**{name: value for name, value in values.items() if value is not FILLED_IN})

    @classmethod
    def sees(cls, given: Mapping[str, Value], x: FeatureMap) -> Any:
        """What the layer's rules are asked about: the feature map that comes in, with another place's beside it."""
        return x

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        """What makes `build` impossible for this input: the wrong number of axes, for one."""
        return iter(())

    @property
    def passes_mean(self) -> bool:
        """A constant added before it comes out as a constant: a norm behind it still takes it away."""
        return False

    @property
    def vanishes(self) -> bool:
        """It changes nothing, so nothing is laid out: dropout with probability 0."""
        return False

    @property
    def saves_input(self) -> bool:
        """Backward needs what came in."""
        return False

    @property
    def saves_output(self) -> bool:
        """Backward needs what went out."""
        return False

    @property
    def code(self) -> str:
        """The shortest text that gives this layer: its letter and numbers, or a call with what is not the default."""
        given = self.given
        numbers = [number_text(getattr(self, name)) for name in self.numbers if getattr(self, name) is not None]
        if self.letter and given.keys() <= set(self.numbers) and "e" not in "".join(numbers):
            return self.letter + "-".join(n.removeprefix("0") if n.startswith("0.") else n for n in numbers)
        return call_text(self.name, self.numbers, given)

    @property
    def given(self) -> dict[str, Value]:
        """The attributes that are not the defaults."""
        values = {a.name: (getattr(self, a.name), a.default) for a in self.signature}
        return {name: value for name, (value, default) in values.items() if number_text(value) != number_text(default)}

    def problems(self, x: Any) -> Iterator[Problem]:
        """What is wrong with this layer on this input; `output` and the counts hold only where this is empty."""
        return iter(())

    def warnings(self, x: Any) -> Iterator[Problem]:
        """What is legal and probably wrong."""
        return iter(())

    def output(self, x: Any) -> FeatureMap:
        assert isinstance(x, FeatureMap)
        return x

    def params(self, x: Any) -> int:
        """Trainable numbers."""
        return 0

    def buffers(self, x: Any) -> int:
        """Numbers kept with the weights and not trained: running statistics."""
        return 0

    def macs(self, x: Any) -> int:
        """Multiply-accumulates of convolutions and matrix products, without bias, one image."""
        return 0

    def reach(self, x: Any) -> Reach:
        """What it adds to the receptive field."""
        return "pointwise"

    def scratch_bytes(self, x: Any) -> int:
        """Bytes backward needs besides input and output: a mask, the places of the maxima."""
        return 0

    def lower(self, x: Any) -> Module:
        """The torch module of the same numbers."""
        raise InternalError(f"{self.name} has no torch form")


L = TypeVar("L", bound=type[Layer])


@record
class Entry(Record):
    """A word or letter of the language: the layer it means and the arguments it stands for (`relu6`: maximum=6)."""

    layer: type[Layer]
    given: Mapping[str, Value]


NAMES: dict[str, Entry] = {}
CODES: dict[str, Entry] = {}


def layer(
    name: str, letter: str | None = None, aliases: Mapping[str, Mapping[str, Value]] | None = None
) -> Callable[[L], L]:
    """Register a kind of layer under its word, its letter and its other spellings; a name taken twice is an error."""

    def register(cls: L) -> L:
        cls.name = name
        cls.letter = letter
        spellings: dict[str, Mapping[str, Value]] = {name: {}, **(aliases or {})}
        if letter:
            spellings[letter] = {}
        for spelling, given in spellings.items():
            table = CODES if spelling[0].isupper() else NAMES
            if spelling in table:
                raise InternalError(f"{spelling} is taken twice: by {table[spelling].layer.name} and {name}")
            table[spelling] = Entry(cls, given)
        return cls

    return register


def spread(value: Value, axes: int) -> tuple[int, ...]:
    """One number means every spatial axis."""
    return value if isinstance(value, tuple) else (value,) * axes


def axes_text(values: tuple[int, ...]) -> str:
    """The short form of a number for each axis: `3`, or `1x7`."""
    return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))


def call_text(name: str, numbers: tuple[str, ...], given: Mapping[str, Value]) -> str:
    """A layer by its full name: `local(3, 16, stride=2)`."""
    words = [number_text(value) if key in numbers else f"{key}={number_text(value)}" for key, value in given.items()]
    return f"{name}({', '.join(words)})" if words else name


def number_text(value: Value) -> str:
    """A value as the text of a net has it: `0.17`, `1e-06`, `1x7`, `true`, `reflect`."""
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple):
            return "[" + "; ".join(",".join(map(str, row)) for row in value) + "]"
        return axes_text(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def axes_problems(what: str, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
    """Arguments with a number for each axis must have as many as the input has (NET303)."""
    for name, value in given.items():
        if isinstance(value, tuple) and len(value) != len(x.size):
            yield Problem(
                "NET303",
                f"`{what}` has {len(value)} numbers in `{name}` and its input {len(x.size)} spatial axes",
                expected=f"{len(x.size)} numbers, or one for all axes",
                found=axes_text(value) if len(set(value)) > 1 else "x".join(map(str, value)),
            )
