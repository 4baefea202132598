"""A net's text with convolutions for its fully connected layers and an input of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from netdsl.compiler import Compilation, Pipeline
from netdsl.convolving.kernels import kernels
from netdsl.convolving.rules import rules, unlike
from netdsl.diagnostics import DiagnosticsError, InternalError, Source, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.layers.base import number_text
from netdsl.passes.pieces import names_in
from netdsl.passes.resolve import ALPHABET, SPELLINGS, Program
from netdsl.passes.select import Selected, select
from netdsl.record import Record, record
from netdsl.syntax import ast
from netdsl.syntax.tidy import tidy

LETTERS: Mapping[int, tuple[str, ...]] = {1: ("W",), 2: ("H", "W"), 3: ("D", "H", "W")}
SUFFIX = "_conv"
SOFTMAX = "softmax"
IDLE_RULE, ASKS_FOR_SIZE = "NET359", "NET311"


@record
class Convolved(Record):
    """The text of one net, all that it needs included; the net as it was and as the text has it, at one size."""

    name: str
    text: str
    before: Network
    after: Network
    anywhere: Network
    """The same laid out for any size."""


def fully_convolutional(
    pipeline: Pipeline,
    settings: Mapping[str, Any] | None = None,
    given: FeatureMap | None = None,
    with_rules: str = "",
    average: bool = False,
) -> Convolved:
    """The pipeline's first net with each `F` as the convolution that it is on its own map (`F4096` on 512x7x7 as
    `C7-4096v`), as a text whose input is open: a larger image gives a map of what the net gives for windows of its own
    size, or with `average` the mean of that map.

    The text has the parameters' values as their defaults, and the rules of all variants on the way.
    Errors: DiagnosticsError with those of the net itself; NET635 where the input can be opened as it is, NET636 where
        something else hangs on the size, NET637 where no rule tells two layers apart
    Source: Sermanet et al. 2013, "OverFeat", arXiv:1312.6229, section 3.5; Long et al. 2014,
        arXiv:1411.4038, section 3.1
    """
    compilation = pipeline.compile(settings=settings, given=given, with_rules=with_rules)
    before = compilation.network
    if before is None:
        raise DiagnosticsError(compilation.errors)
    selected = select(pipeline.program, pipeline.nets[0], settings or {}, with_rules)
    writer = _Writer(pipeline.program, selected, before, average)
    if before.open_sizes is not None or (not average and _compiled(writer.text([])).network is not None):
        _nothing_to_convert(before)
    wanted = rules(before, kernels(before), writer.names)
    idle = {
        _rule_text(d.span.text)
        for d in _compiled(writer.text(wanted), before.input).diagnostics
        if d.code == IDLE_RULE and d.span is not None
    }
    kept = [rule for rule in wanted if _rule_text(rule) not in idle]
    text = tidy(Source("<text>", writer.text(kept)), ALPHABET, SPELLINGS)
    anywhere, after = _compiled(text), _compiled(text, before.input)
    if anywhere.network is None:
        _refuse(before, anywhere)
    if after.network is None or (after.network.params, after.network.buffers) != (before.params, before.buffers):
        raise InternalError(f"the convolutional form of {before.name} would have other weights")
    return Convolved(writer.name, text, before, after.network, anywhere.network)


def _compiled(text: str, image: FeatureMap | None = None) -> Compilation:
    return Pipeline.of(text).compile(given=image)


def _rule_text(text: str) -> str:
    return "".join(text.split())


class _Writer:
    """Writes a net with all that it needs: blocks, rules, recipes, each as its file has it."""

    def __init__(self, program: Program, selected: Selected, before: Network, average: bool) -> None:
        self.program = program
        self.selected = selected
        self.before = before
        self.average = average
        self.blocks = self._blocks()
        parameters = {p.name for p in selected.net.parameters}
        variables = {name for _, values in selected.rules for name in values}
        self.names = parameters | variables | names_in([selected.net, *self.blocks, [r for r, _ in selected.rules]])
        self.name = unlike(f"{selected.name}{SUFFIX}", self.names)

    def text(self, more: Sequence[str]) -> str:
        """The whole file, with these rules behind the net's own."""
        every = [*(rule.span.text.strip() for rule, _ in self.selected.rules), *more]
        rules_text = ";\n".join(every)
        variant = f" with {{\n{rules_text}\n}}" if every else ""
        net = f"{self._comment()}net {self.name}{self._parameters()}{variant} {{{self._body()}\n}}"
        recipes = [recipe.span.text for recipe in self.program.recipes.values()]
        return "\n".join([*(block.span.text for block in self.blocks), net, *recipes]) + "\n"

    def _blocks(self) -> list[ast.Block]:
        """The blocks that the net uses, its rules or parameters name, and those that they use in turn."""
        waiting = names_in([self.selected.net, [rule for rule, _ in self.selected.rules]])
        waiting |= {str(value) for value in self.selected.settings.values()}
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in self.program.blocks and name not in found:
                found.add(name)
                waiting |= names_in(self.program.blocks[name])
        return [block for name, block in self.program.blocks.items() if name in found]

    def _comment(self) -> str:
        """What stands in front of the net: its paper and table."""
        source, start = self.selected.net.span.source, self.selected.net.span.start
        lines = source.text[:start].splitlines()
        kept: list[str] = []
        while lines and lines[-1].lstrip().startswith("#"):
            kept.insert(0, lines.pop().strip())
        own = f"# Fully convolutional; the weights are those of `{self.selected.name}` at {self.before.input}.\n"
        return "".join(f"{line}\n" for line in kept) + own

    def _parameters(self) -> str:
        """The net's own with the values of this one, and those of the variants on the way that their rules name."""
        values = dict(self.selected.settings)
        texts = {
            p.name: _value_text(values[p.name], p.default)
            if p.name in values
            else None
            if p.default is None
            else p.default.span.text
            for p in self.selected.net.parameters
        }
        for rule, variables in self.selected.rules:
            for name in names_in(rule) & variables.keys():
                text = _value_text(variables[name], None)
                if texts.setdefault(name, text) != text:
                    self._two_meanings(name)
        parts = [name if text is None else f"{name} = {text}" for name, text in texts.items()]
        return f"({', '.join(parts)})" if parts else ""

    def _two_meanings(self, name: str) -> NoReturn:
        fail(
            "NET637",
            f"`{self.before.name}` and what it is a variant of mean different values by `{name}`",
            expected="one value for each name, since the text is of one net",
            found=f"two of `{name}`",
            note="rename one of the two parameters",
        )

    def _body(self) -> str:
        """The statements as they stand, with an open input and without claims, which are about the net's own size."""
        body = self.selected.net.body
        source = body.span.source
        start, end = body.span.start, body.span.end
        if source.text[start:].startswith("{") and self.selected.net.span != body.span:
            start, end = start + 1, end - 1
        edits = [(s.span.start, s.span.end, self._input()) for s in body.statements if isinstance(s, ast.Input)]
        text = "" if edits else f"\n{self._input()}\n"
        edits += [(s.span.start, s.span.end, "") for s in body.statements if isinstance(s, ast.Claims)]
        if self.average:
            edits.append(self._mean([s for s in body.statements if not isinstance(s, ast.Claims)][-1]))
        at = start
        for first, behind, instead in sorted(edits):
            text += source.text[at:first] + instead
            at = behind
        text += source.text[at:end]
        return "\n".join(
            line for line in f"{text}\nexpect params = {self.before.params:_}".splitlines() if line.strip()
        )

    def _mean(self, last: ast.Statement) -> tuple[int, int, str]:
        """The global pool at the end, before a softmax: it is the scores whose mean is taken (VGG's section 3.2)."""
        ends_in_softmax = self.before.nodes[self.before.output_node].layer.name == SOFTMAX
        softmax = ends_in_softmax and isinstance(last, ast.Code | ast.Op)
        if self.before.final_heads or (ends_in_softmax and not softmax):
            fail(
                "NET636",
                f"the maps of `{self.before.name}` cannot be averaged",
                span=last.span,
                expected="a net that ends in its scores, or in `S` behind them",
                found="one that ends in heads" if self.before.final_heads else "a softmax inside something else",
                note="without --average the net gives its maps as they are",
            )
        return (last.span.start, last.span.start, "G ") if softmax else (last.span.end, last.span.end, " G")

    def _input(self) -> str:
        image = self.before.input
        return f"input {'x'.join([str(image.channels), *LETTERS[len(image.size)]])}"


def _value_text(value: Any, default: ast.Expression | None) -> str:
    if isinstance(value, str) and (default is None or isinstance(default, ast.String)):
        return f'"{value}"'
    if isinstance(value, tuple):
        rows = value if value and isinstance(value[0], tuple) else (value,)
        return "[" + "; ".join(", ".join(_value_text(item, None) for item in row) for row in rows) + "]"
    return number_text(value)


def _nothing_to_convert(network: Network) -> NoReturn:
    letters = LETTERS.get(len(network.input.size), ())
    fail(
        "NET635",
        f"nothing is to be converted in `{network.name}`: it takes images of any size as it is",
        expected="a fully connected layer behind a map whose size hangs on the image's, as behind the last pool of VGG",
        found="none, or all behind a global pool",
        note=f"write `input {'x'.join([str(network.input.channels), *letters])}` to leave the size open"
        if network.open_sizes is None
        else "",
    )


def _refuse(network: Network, compilation: Compilation) -> NoReturn:
    first = compilation.errors[0]
    place = first.related[0].span if first.code == ASKS_FOR_SIZE else first.span
    fail(
        "NET636",
        f"`{network.name}` cannot be made fully convolutional: {first.message}",
        expected=first.expected,
        found=first.found,
        note=first.note if place is None else f"it is `{place.text}` that hangs on the size of the image",
    )
