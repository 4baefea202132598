"""The syntax tree: what was written, each piece with its place, and nothing of what it means."""

from __future__ import annotations

from dataclasses import field
from fractions import Fraction

from netdsl.diagnostics import Span
from netdsl.record import Record, record


@record
class Piece(Record):
    """Base of all: a piece of text. Two are equal when they say the same, wherever they stand."""

    span: Span = field(compare=False, repr=False)


@record
class Broken(Piece):
    """A statement or expression that was reported: what hangs on it stays silent."""


# Expressions


@record
class Number(Piece):
    value: int | Fraction


@record
class String(Piece):
    value: str


@record
class Name(Piece):
    name: str


@record
class OpenSize(Piece):
    """A size that is left open: the H and W of `3xHxW`."""

    letter: str


@record
class Dims(Piece):
    """Numbers with an x between: `3x224x224`, `1x7`."""

    parts: tuple[Expression, ...]


@record
class TagName(Piece):
    """`@d{i}`: letters and expressions in turn."""

    parts: tuple[str | Expression, ...]


@record
class Attribute(Piece):
    """`here.channels`, `@x.height`."""

    base: Name | TagName
    name: str


@record
class Argument(Piece):
    """One argument of a call; `name` is None where its position says which it is."""

    name: str | None
    value: Expression


@record
class CallExpression(Piece):
    name: str
    arguments: tuple[Argument, ...]


@record
class ListExpression(Piece):
    """`[3, 4]`, or rows: `[3, 1, 16; 3, 6, 24]`."""

    rows: tuple[tuple[Expression, ...], ...]


@record
class Operation(Piece):
    """Operands with operators of one strength between them: `a + b - c`, worked out from the left."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@record
class Negative(Piece):
    operand: Expression


@record
class Comparison(Piece):
    left: Expression
    operator: str
    right: Expression


@record
class Not(Piece):
    operand: Expression


@record
class Logical(Piece):
    """`a and b and c` or `a or b`."""

    operator: str
    operands: tuple[Expression, ...]


Expression = (
    Number
    | String
    | Name
    | OpenSize
    | Dims
    | TagName
    | Attribute
    | CallExpression
    | ListExpression
    | Operation
    | Negative
    | Comparison
    | Not
    | Logical
    | Broken
)


# What stands in a body


@record
class Modifier(Piece):
    """A lower-case letter behind a code's numbers: `s`, or `p` with the number 2."""

    letter: str
    value: Expression | None


@record
class Code(Piece):
    """One code: letters, numbers (kernel and filters, say), a stride behind `/`, modifiers."""

    letters: str
    numbers: tuple[Expression, ...]
    stride: Expression | None
    modifiers: tuple[Modifier, ...]


@record
class Op(Piece):
    """A name, its arguments, and branches in braces: an op, a block, a join."""

    name: str
    name_span: Span = field(compare=False, repr=False)
    arguments: tuple[Argument, ...]
    branches: tuple[Body, ...] | None


@record
class Group(Piece):
    body: Body


@record
class Repeat(Piece):
    item: Statement
    count: Expression


@record
class Tagged(Piece):
    item: Statement
    tag: TagName


@record
class Input(Piece):
    dims: Dims | Number | Broken


@record
class Let(Piece):
    name: str
    value: Expression


@record
class If(Piece):
    """Conditions with their bodies in order, then what is left for none of them."""

    cases: tuple[tuple[Expression, Body], ...]
    otherwise: Body | None


@record
class For(Piece):
    names: tuple[str, ...]
    values: tuple[Expression, ...]
    body: Body


@record
class Default(Piece):
    code: Code


@record
class From(Piece):
    tag: TagName


@record
class Head(Piece):
    """`head aux(weight = 0.3) from @x { ... }`: a further output, from the tag or from where it stands."""

    name: str
    name_span: Span = field(compare=False, repr=False)
    arguments: tuple[Argument, ...]
    source: TagName | None
    body: Body


@record
class Condition(Piece):
    """`condition style(6)`: a further input of the net, an index or weights over so many values."""

    name: str
    name_span: Span = field(compare=False, repr=False)
    values: Expression


@record
class Share(Piece):
    """`share tower { ... }`: laid out where it is used, each time with the same weights."""

    name: str
    name_span: Span = field(compare=False, repr=False)
    body: Body


@record
class Claim(Piece):
    """`params = 138_357_544`, `macs @3a ~ 128M`. The digits of the text say how exact an approximate value is."""

    metric: str
    tag: TagName | None
    approximate: bool
    value: Expression
    text: str


@record
class Claims(Piece):
    """`expect` and `printed`; `arguments` are the parameters the claims hold at, None for the net's own."""

    printed: bool
    arguments: tuple[Argument, ...] | None
    claims: tuple[Claim, ...]


Statement = (
    Code
    | Op
    | Group
    | Repeat
    | Tagged
    | Input
    | Let
    | If
    | For
    | Default
    | From
    | Head
    | Condition
    | Share
    | Claims
    | Broken
)


@record
class Body(Piece):
    statements: tuple[Statement, ...]


# What stands in a file


@record
class Parameter(Piece):
    name: str
    default: Expression | None


@record
class Import(Piece):
    path: str


@record
class Block(Piece):
    name: str
    parameters: tuple[Parameter, ...]
    body: Body


@record
class HeadName(Piece):
    """The head that a rule drops; all of them without a name."""

    name: str | None


@record
class Rule(Piece):
    """`C -> C B`: what is laid out in place of each op that matches; `drop L` has nothing on its right.

    `drop head aux` has the name of a head on its left, None for all heads. A condition among the rules stands on the
    left as well: it rewrites nothing and gives the net a further input.
    """

    left: Code | Op | HeadName | Condition
    right: Body | None


@record
class Net(Piece):
    """A net; `rules` say what its `with` makes of every op in its body."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    rules: tuple[Rule, ...] = ()


@record
class NetAlias(Piece):
    """`net resnet20 = resnet(n = 3)`: another net with other parameters, and claims of its own."""

    name: str
    parameters: tuple[Parameter, ...]
    base: CallExpression
    claims: tuple[Claims, ...]
    rules: tuple[Rule, ...] = ()


@record
class Setting(Piece):
    name: str
    value: Expression


@record
class Recipe(Piece):
    """How to train: `settings` for the training, `net_settings` (`set drop = 0.2`) for the net's parameters."""

    name: str
    base: str | None
    settings: tuple[Setting, ...]
    net_settings: tuple[Setting, ...]


Definition = Import | Block | Net | NetAlias | Recipe


@record
class File(Piece):
    definitions: tuple[Definition | Broken, ...]
