"""The lines of a tidy text: which words stand on each, and how far it is indented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from netdsl.syntax.breaks import closes, cut, least_space, opens
from netdsl.syntax.leaves import Leaf
from netdsl.syntax.spacing import is_count

INDENT = 2


@dataclass
class Line:
    """Words with the column of each, a comment's text, or nothing: an empty line."""

    indent: int = 0
    leaves: list[Leaf] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    text: str = ""

    @property
    def comment(self) -> str:
        return self.leaves[-1].comment if self.leaves else ""


@dataclass
class _Bracket:
    content: int
    """Columns before what stands in it, where that starts a line."""
    closing: int
    branch: int
    base: int
    """Of the line that it opens on."""
    holds_statements: bool


def lines(leaves: list[Leaf]) -> Iterator[Line]:
    """Every line from top to bottom, columns as they are without alignment."""
    return _Layout(leaves).lines()


class _Layout:
    """Goes through the words with the brackets that are open."""

    def __init__(self, leaves: list[Leaf]) -> None:
        self.leaves = leaves
        self.stack: list[_Bracket] = []
        self.base = 0

    def lines(self) -> Iterator[Line]:
        first = 0
        while first < len(self.leaves):
            leaf = self.leaves[first]
            indent = self._indent(leaf)
            yield from self._above(leaf, indent)
            if leaf.blank:
                yield Line()
            end = cut(self.leaves, first, indent)
            if end < len(self.leaves):
                self.leaves[end].newline = True
            if leaf.kind != "$END":
                yield self._line(first, end, indent)
            first = end

    def _above(self, leaf: Leaf, indent: int) -> Iterator[Line]:
        """The comments before a line stand where its words do; before a closing bracket, where its content does."""
        if self.stack and (closes(leaf) or leaf.kind == "VBAR"):
            indent = self.stack[-1].content
        for comment in leaf.above:
            if comment.blank:
                yield Line()
            yield Line(indent, text=comment.text)

    def _indent(self, leaf: Leaf) -> int:
        if not self.stack:
            self.base = 0
            return 0 if leaf.starts == "definition" else INDENT
        bracket = self.stack[-1]
        if closes(leaf):
            self.base = bracket.base
            return bracket.closing
        if not bracket.holds_statements:
            self.base = bracket.base
            return bracket.content
        self.base = bracket.branch if leaf.kind == "VBAR" else bracket.content
        continues = not leaf.starts and leaf.kind not in ("VBAR", "ELSE")
        return self.base + INDENT * (continues or leaf.starts == "claim")

    def _line(self, first: int, end: int, indent: int) -> Line:
        """The words of a line; what is wider than it must be is kept for the columns to judge."""
        line = Line(indent, self.leaves[first:end])
        column = narrow = indent
        start = line.leaves[0]
        for index, leaf in enumerate(line.leaves):
            if index:
                least = least_space(line.leaves[index - 1], leaf)
                column, narrow = column + least, narrow + least
                if leaf.spaces > least and leaf.line == start.line:
                    column = max(column, indent + leaf.column - start.column)
            line.columns.append(column)
            if closes(leaf):
                self.stack.pop()
            column, narrow = column + len(leaf.text), narrow + len(leaf.text)
            if opens(leaf):  # lines inside stand under its place without columns, which may still go
                self._open(leaf, first + index, narrow)
        return line

    def _open(self, leaf: Leaf, index: int, column: int) -> None:
        own_line = self.leaves[index + 1].newline
        statements = (leaf.kind == "LBRACE" and not is_count(leaf)) or (leaf.kind == "LPAR" and leaf.rule == "group")
        inside = self.base + INDENT if own_line or leaf.kind == "LBRACE" else column
        branch = self.base if own_line else inside
        self.stack.append(_Bracket(inside, self.base, branch, self.base, statements))
