"""The laid-out net: a flat list of nodes in topological order, with what the passes found out about each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from netdsl.diagnostics import Diagnostic, Span
from netdsl.geometry import FeatureMap
from netdsl.ir.sizes import OpenSizes
from netdsl.layers.base import Layer
from netdsl.record import Record, record


@record
class Call(Record):
    """A value of the form `sgd(lr=0.1)`, in a recipe."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [*map(str, self.args), *(f"{k}={v}" for k, v in self.kwargs.items())]
        return f"{self.name}({', '.join(parts)})" if parts else self.name


@record
class Recipe(Record):
    """How the paper trains the net on one data set, as the file says it: numbers, words, lists and calls.

    `settings` are its lines, `net_settings` its `set` lines (parameters of the net), `spans` where each line stands.
    A percentage is a float: 50% is 0.5.
    """

    name: str
    settings: Mapping[str, Any]
    net_settings: Mapping[str, Any] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One layer where it stands. `inputs` are places in the list; `x` is what the layer sees (a tuple for joins).

    Of a layer that is no join the first input is what comes in; a second comes from a place that it names.
    """

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    x: Any
    output: FeatureMap
    span: Span
    filled_in: bool = False
    """The text left its numbers out: the textbook's rule or a `default` gave them."""
    rule: Span | None = None
    """The rule of a variant that made it, in place of what stands at `span`."""
    tied_to: int | None = None
    """The convolution whose weights it uses beside its own bias."""
    repeats: int | None = None
    """Of a further use of what is shared, the same layer in the first use, which has the weights."""


@record
class Counts(Record):
    """Parameters, buffers, multiply-accumulates of one node for one image."""

    params: int
    buffers: int
    macs: int


@dataclass(frozen=True, slots=True)
class Field:
    """Receptive field and jump of one unit, axis by axis, in input pixels; jump is None once the whole map is seen."""

    size: tuple[int, ...]
    jump: tuple[int | Fraction, ...] | None


@record
class Tag(Record):
    """A name given with `@`: the tensor (a node's output) and the scope (nodes `first` to `last`, included)."""

    node: int
    first: int
    last: int


@record
class Head(Record):
    """A further output: its node, the nodes laid out for it (`first` to `last`, included), its part in the loss."""

    node: int
    first: int
    last: int
    weight: float
    loss: str
    target: str = "label"
    """What it is compared with: the `label`, the `input` itself, the `box` of the object."""


@record
class Network(Record):
    """A net with nothing left to work out. Node 0 is the input; what the passes have not filled in yet is empty."""

    name: str
    nodes: tuple[Node, ...]
    output_node: int
    settings: Mapping[str, Any]
    span: Span
    tags: Mapping[str, Tag] = field(default_factory=dict)
    heads: Mapping[str, Head] = field(default_factory=dict)
    conditions: Mapping[str, int] = field(default_factory=dict)
    """Further inputs: their nodes, in the order in which the module takes them."""
    final_heads: tuple[str, ...] = ()
    """The heads that a net ends in, which are its outputs; `output_node` is the first one's."""
    reads_size: Span | None = None
    """Where the text asks for a height or width: then the net is another one at another size."""
    open_sizes: OpenSizes | None = None
    """What holds for any size, of an input that leaves sizes open."""
    counts: tuple[Counts, ...] = ()
    fields: tuple[Field, ...] = ()
    depth: int = 0
    dropped_biases: tuple[int, ...] = ()
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def input(self) -> FeatureMap:
        return self.nodes[0].output

    @property
    def output(self) -> FeatureMap:
        """What the net gives; Cx1x1 is reported as C."""
        last = self.nodes[self.output_node].output
        return FeatureMap(last.channels) if last.numel == last.channels else last

    def module_name(self, index: int) -> str:
        """The submodule that runs a node: its own, or that of the first use of what is shared."""
        repeats = self.nodes[index].repeats
        return self.nodes[index if repeats is None else repeats].name

    @property
    def params(self) -> int:
        return sum(c.params for c in self.counts)

    @property
    def buffers(self) -> int:
        return sum(c.buffers for c in self.counts)

    @property
    def macs(self) -> int:
        """Those of the outputs: other heads are on while training only, and list their own."""
        training = self.heads.keys() - set(self.final_heads)
        return sum(c.macs for c in self.counts) - sum(self.head_counts(name).macs for name in training)

    def head_counts(self, name: str) -> Counts:
        """What a head adds to the net."""
        rows = self.counts[self.heads[name].first : self.heads[name].last + 1]
        return Counts(sum(r.params for r in rows), sum(r.buffers for r in rows), sum(r.macs for r in rows))
