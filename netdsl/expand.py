"""`netdsl fmt --expand`: a text with every default and every dropped bias written out.

What depends on the place where an op is laid out (a bias, the numbers of a bare `C`) is taken from the nets of the
file, each at its own parameters and with each of its switches the other way round, and written where all places agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from netdsl.blocks import BLOCKS
from netdsl.compiler import Pipeline
from netdsl.diagnostics import DiagnosticsError, Source, Span
from netdsl.ir.network import Network
from netdsl.layers import NAMES, Layer
from netdsl.layers.attributes import FILLED_IN, REQUIRED, Attribute
from netdsl.layers.base import number_text
from netdsl.passes.heads import HEAD
from netdsl.passes.plan import Plan, plan_call, plan_code
from netdsl.passes.resolve import resolve
from netdsl.passes.rewrite import value_of
from netdsl.record import Record
from netdsl.syntax import ast
from netdsl.syntax.codes import Alphabet
from netdsl.syntax.parse import parse_file
from netdsl.syntax.unparse_expressions import expression_text

FROM_PLACES = ("bias", "stride")
"""Attributes without a fixed default that a text can give: the bias, and a pool's stride, which is its kernel's."""


def expanded(source: Source, alphabet: Alphabet) -> str:
    """The text of a tidy file with its defaults written out. Errors: DiagnosticsError for a net with errors."""
    file = parse_file(source, alphabet)
    writer = _Writer(source, _Places.of(source))
    for piece in _pieces(file):
        writer.read(piece)
    for piece in _pieces(file):
        writer.write(piece)
    text, end = "", len(source.text)
    for span, instead in sorted(writer.edits, key=lambda edit: edit[0].start, reverse=True):
        text = instead + source.text[span.end : end] + text
        end = span.start
    return source.text[:end] + text


@dataclass
class _Places:
    """The layers that each piece of a text became, by where it stands; which of them a rule has rewritten."""

    layers: dict[tuple[int, int], list[Layer]] = field(default_factory=dict)
    rewritten: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def of(cls, source: Source) -> _Places:
        places = cls()
        pipeline = Pipeline.of_program(resolve(source))
        for name in pipeline.nets:
            compilation = pipeline.compile(name)
            if compilation.network is None:
                raise DiagnosticsError(compilation.errors)
            places.add(compilation.network, source)
            switches = {k: v for k, v in compilation.network.settings.items() if isinstance(v, bool)}
            for switch, value in switches.items():
                other = pipeline.compile(name, {switch: not value}).network
                if other is not None:
                    places.add(other, source)
        return places

    def add(self, network: Network, source: Source) -> None:
        for node in network.nodes:
            if node.span.source is source or node.span.source.name == source.name:
                key = (node.span.start, node.span.end)
                self.layers.setdefault(key, []).append(node.layer)
                if node.rule is not None:
                    self.rewritten.add(key)

    def value(self, span: Span, kind: type[Layer], attribute: str) -> Any:
        """What all layers of a piece have, None where they differ or there are none."""
        key = (span.start, span.end)
        if key in self.rewritten:
            return None
        values = {value_of(layer, attribute) for layer in self.layers.get(key, ()) if isinstance(layer, kind)}
        return values.pop() if len(values) == 1 else None


def _pieces(file: ast.File) -> Iterator[ast.Piece]:
    """Everything in a file but the rules of variants: their sides say what to match and what is kept."""
    waiting: list[Any] = [file]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, tuple):
            waiting += piece
        elif isinstance(piece, ast.Piece) and not isinstance(piece, ast.Rule):
            yield piece
            waiting += [value for value in vars(piece).values() if isinstance(value, tuple | Record)]


class _Writer:
    """Collects what is to be put where."""

    def __init__(self, source: Source, places: _Places) -> None:
        self.source = source
        self.places = places
        self.edits: list[tuple[Span, str]] = []
        self.names: set[str] = set()
        self.defaults: set[str] = set()

    def read(self, piece: ast.Piece) -> None:
        """Names that the text gives, which an attribute's words must not meet; letters that have a `default`."""
        match piece:
            case ast.Parameter() | ast.Let():
                self.names.add(piece.name)
            case ast.For():
                self.names |= set(piece.names)
            case ast.Default():
                self.defaults |= {plan_code(piece.code).layer.name}

    def write(self, piece: ast.Piece) -> None:
        match piece:
            case ast.Code():
                self._code(piece)
            case ast.Op() if piece.name in BLOCKS:
                self._call(piece.name_span, piece.arguments, BLOCKS[piece.name].signature)
            case ast.Op() if piece.name in NAMES and piece.name not in self.names:
                entry = NAMES[piece.name]
                if not entry.given and not entry.layer.is_join:
                    plan = plan_call(piece, piece.name)
                    missing = self._missing(plan, piece.span)
                    self._insert(piece.name_span, piece.arguments, missing or [])
            case ast.Head():
                self._call(piece.name_span, piece.arguments, HEAD)

    def _code(self, code: ast.Code) -> None:
        plan = plan_code(code)
        missing = self._missing(plan, code.span)
        if not missing or self.source.text[code.span.start] != code.letters[0]:
            return
        texts = {name: number_text(value) for name, value in plan.constant.items()}
        texts |= {attribute.name: expression_text(value) for attribute, value in plan.open}
        texts |= dict(missing)
        parts: list[str] = []
        for attribute in plan.layer.signature:
            if attribute.name in texts:
                by_place = attribute.name in plan.layer.numbers and len(parts) == len(plan.layer.numbers[: len(parts)])
                text = texts[attribute.name]
                parts.append(text if by_place else f"{attribute.name} = {text}")
        self.edits.append((code.span, f"{plan.layer.name}({', '.join(parts)})"))

    def _missing(self, plan: Plan, span: Span) -> list[tuple[str, str]] | None:
        """The attributes that a text leaves out, with what they are; None where they cannot all be said."""
        written = {*plan.constant, *(attribute.name for attribute, _ in plan.open)}
        found: list[tuple[str, str]] = []
        for attribute in plan.layer.signature:
            if attribute.name in written:
                continue
            text = self._default(plan, attribute, span)
            if text is not None:
                found.append((attribute.name, text))
            elif attribute.default is FILLED_IN and not _is_depthwise(plan):
                return None
        return found

    def _default(self, plan: Plan, attribute: Attribute, span: Span) -> str | None:
        from_places = plan.layer.name in self.defaults or attribute.default is FILLED_IN
        if from_places or (attribute.default is None and attribute.name in FROM_PLACES):
            as_many_as_come_in = attribute.name == "out_channels" and _is_depthwise(plan)
            value = None if as_many_as_come_in else self.places.value(span, plan.layer, attribute.name)
        else:
            value = self._fixed(attribute)
        return None if value is None else number_text(value)

    def _fixed(self, attribute: Attribute) -> Any:
        return None if attribute.default is REQUIRED or attribute.default in self.names else attribute.default

    def _call(self, name: Span, arguments: tuple[ast.Argument, ...], signature: tuple[Attribute, ...]) -> None:
        """A block or head: what it leaves out has fixed defaults."""
        given = {
            a.name or signature[index].name for index, a in enumerate(arguments) if a.name or index < len(signature)
        }
        fixed = {a.name: self._fixed(a) for a in signature if a.name not in given}
        self._insert(name, arguments, [(k, number_text(v)) for k, v in fixed.items() if v is not None])

    def _insert(self, name: Span, arguments: tuple[ast.Argument, ...], missing: list[tuple[str, str]]) -> None:
        more = ", ".join(f"{key} = {text}" for key, text in missing)
        if not more:
            return
        if arguments:
            end = arguments[-1].span.end
            self.edits.append((Span(self.source, end, end), f", {more}"))
        elif self.source.text.startswith("()", name.end):
            self.edits.append((Span(self.source, name.end + 1, name.end + 1), more))
        else:
            self.edits.append((Span(self.source, name.end, name.end), f"({more})"))


def _is_depthwise(plan: Plan) -> bool:
    given = {attribute.name: value for attribute, value in plan.open}.get("groups")
    return plan.constant.get("groups") == "depthwise" or (isinstance(given, ast.Name) and given.name == "depthwise")


def same_networks(one: Source, other: Source) -> bool:
    """Does every net of two texts become the same layers under the same names?"""
    first, second = (Pipeline.of_program(resolve(source)) for source in (one, other))
    if first.nets != second.nets:
        return False
    pairs = ((first.compile(name).network, second.compile(name).network) for name in first.nets)
    return all(a is not None and b is not None and _layers(a) == _layers(b) for a, b in pairs)


def _layers(network: Network) -> list[Any]:
    return [(node.name, node.layer, node.inputs, node.output) for node in network.nodes]
