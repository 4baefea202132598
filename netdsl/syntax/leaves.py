"""A text as the words that a tidy form is made of: each in its house spelling, with its comments and line breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lark import Token, Tree

from netdsl.diagnostics import Diagnostic, DiagnosticsError, InternalError, Source, Span
from netdsl.syntax import ast
from netdsl.syntax.cells import cell_text
from netdsl.syntax.codes import Alphabet, CodeScanner
from netdsl.syntax.grammar import parser
from netdsl.syntax.spacing import joined
from netdsl.syntax.unparse import statement_text

Spellings = Mapping[str, str]
"""What the house writes for a code's other spellings: `P` for `M`."""

DEFINITIONS = ("import_file", "block", "net", "net_alias", "recipe")
HOLDS_STATEMENTS = ("body", "branch", "group", "inline")
_TRIVIA = re.compile(r"#[^\n]*|\n")
_BRACES = re.compile(r"\{([^{}]*)\}")
_PAPER = {"maxpool": "P", "soft-max": "S"}


@dataclass
class Comment:
    """A comment on a line of its own; `blank` says that an empty line stands before it."""

    text: str
    blank: bool


@dataclass
class Leaf:
    """A word of the text. `rule` is the innermost rule of the grammar that it belongs to.

    `starts` says what begins with it: a definition, a statement or the like, a claim; `line`, `column` and
    `spaces` (before it) are where it stood; a word that is new has none of them.
    """

    text: str
    kind: str = ""
    rule: str = ""
    starts: str = ""
    tight: bool = False
    line: int = 0
    column: int = 0
    spaces: int = 0
    newline: bool = False
    blank: bool = False
    above: list[Comment] = field(default_factory=list)
    comment: str = ""
    partner: int = -1


def read_leaves(source: Source, alphabet: Alphabet, spellings: Spellings) -> list[Leaf]:
    """The words of a file that parses; the last is empty and holds the comments behind all others."""
    tree = parser(keep_all_tokens=True).parse(source.text, start="file")
    return _Reader(source, alphabet, spellings).leaves(tree)


@dataclass
class _Reader:
    source: Source
    alphabet: Alphabet
    spellings: Spellings

    def leaves(self, tree: Tree[Token]) -> list[Leaf]:
        found: list[Leaf] = []
        end = 0
        for word in _words(tree, self.source.text):
            start = word.first.start_pos or 0
            made = self._made(word)
            _read_gap(self.source, end, start, found, made[0])
            found += made
            end = word.last.end_pos or 0
        last = Leaf("", "$END", starts="definition", newline=True)
        _read_gap(self.source, end, len(self.source.text), found, last)
        return [*found, last]

    def _made(self, word: _Word) -> list[Leaf]:
        text, kind = str(word.first), word.first.type
        column = self.source.position(word.first.start_pos or 0)
        if word.cell is not None:
            texts = [word.cell]
        elif kind == "CODES":
            texts = self._codes(word.first.start_pos or 0, text)
        elif kind == "PAPER":
            texts = [_PAPER.get(text) or text.replace("conv", "C")]
        else:
            texts = [_with_tidy_braces(word.first)]
        first, *rest = [Leaf(t, kind, word.rule, word.starts and "statement", word.tight) for t in texts]
        first.starts = word.starts
        first.line, first.column = column
        return [first, *rest]

    def _codes(self, start: int, text: str) -> list[str]:
        """The codes of a run, one by one, each in the letters of the house."""
        problems: list[Diagnostic] = []
        scanner = CodeScanner(self.alphabet, _kept, problems.append)
        codes = list(scanner.scan(Span(self.source, start, start + len(text))))
        if problems:
            raise DiagnosticsError(problems)
        return [self._code(code) for code in codes if isinstance(code, ast.Code)]

    def _code(self, code: ast.Code) -> str:
        letters = self.spellings.get(code.letters, code.letters)
        return statement_text(ast.Code(code.span, letters, code.numbers, code.stride, code.modifiers))


def tidy_expression(text: str) -> str:
    """The expression in the braces of a code, a tag or a shape; one with a comment stays as it is."""
    tree = parser(keep_all_tokens=True).parse(text, start="expression")
    words = list(_words(tree, text))
    ends = [0, *(w.last.end_pos or 0 for w in words)]
    starts = [*(w.first.start_pos or 0 for w in words), len(text)]
    if any("#" in text[end:start] for end, start in zip(ends, starts, strict=True)):
        return text
    return _expression_text(tree)


def _kept(span: Span) -> ast.Expression:
    """What stands in a code's braces, as a name, so that it is written as it is read here."""
    return ast.Name(span, tidy_expression(span.text))


def _expression_text(tree: Any) -> str:
    """An expression without comments, on one line."""
    return joined([Leaf(_with_tidy_braces(w.first), w.first.type, w.rule, tight=w.tight) for w in _words(tree, "")])


def _with_tidy_braces(token: Token) -> str:
    if token.type not in ("TAG", "DIMS"):
        return str(token)
    return _BRACES.sub(lambda m: f"{{{tidy_expression(m[1])}}}", token)


@dataclass
class _Word:
    first: Token
    last: Token
    rule: str
    starts: str
    tight: bool
    cell: str | None = None


def _words(tree: Any, text: str) -> Iterator[_Word]:
    """The tokens of a tree from left to right; a cell that can be written in codes is one word."""
    stack: list[tuple[Any, str, str, bool]] = [(tree, "", "", False)]
    while stack:
        piece, rule, starts, tight = stack.pop()
        if isinstance(piece, Token):
            yield _Word(piece, piece, rule, starts, tight)
            continue
        if not isinstance(piece, Tree):
            raise InternalError(f"a tree of {type(piece).__name__}")
        if piece.data == "cell" and "#" not in text[piece.meta.start_pos : piece.meta.end_pos]:
            cell = cell_text(piece, _expression_text)
            tokens = list(piece.scan_values(lambda t: isinstance(t, Token)))
            if cell is not None:
                yield _Word(tokens[0], tokens[-1], "cell", starts, False, cell)
                continue
        inner = str(piece.data)
        tight = (inner == "operation" and _is_simple_product(piece)) or (
            inner == "keyword" and rule == "call_arguments"
        )
        if inner == "arguments" and rule == "call":
            inner = "call_arguments"
        children = [
            (child, inner, starts if index == 0 and not _starts(piece, child) else _starts(piece, child), tight)
            for index, child in enumerate(piece.children)
        ]
        stack.extend(reversed(children))


def _starts(parent: Tree[Token], child: Any) -> str:
    """What begins with the first word of a child."""
    data = str(parent.data)
    if data == "file":
        return "definition"
    if isinstance(child, Token) and child.type not in ("CODES", "PAPER"):
        return ""
    if data in HOLDS_STATEMENTS or (data == "recipe" and isinstance(child, Tree)):
        return "statement"
    if data == "rules" or (data == "net_alias" and isinstance(child, Tree) and child.data == "claims"):
        return "statement"
    if data == "rule" and child is not parent.children[0] and isinstance(child, Tree):
        return "item" if child.data != "arguments" else ""
    return "claim" if data == "claims" and isinstance(child, Tree) and child.data == "claim" else ""


def _is_simple_product(piece: Tree[Token]) -> bool:
    """`2*k`, which reads as one; sums and products of longer parts have spaces around their signs."""
    operands, operators = piece.children[::2], piece.children[1::2]
    return all(isinstance(o, Token) and o.type in ("STAR", "SCALE") for o in operators) and all(
        isinstance(o, Tree) and o.data in ("number", "name") for o in operands
    )


def _read_gap(source: Source, start: int, end: int, before: list[Leaf], leaf: Leaf) -> None:
    """Comments, line breaks and spaces between two words: what the first of them, or none, and the second keep."""
    newlines = 0
    for match in _TRIVIA.finditer(source.text, start, end):
        if match[0] == "\n":
            newlines += 1
            continue
        text = _comment_text(match[0])
        if not newlines and before and not leaf.above:
            before[-1].comment = text
        else:
            leaf.above.append(Comment(text, newlines > 1))
        newlines = 0
        leaf.newline = True
    leaf.newline = leaf.newline or newlines > 0
    leaf.blank = newlines > 1
    leaf.spaces = 0 if leaf.newline else end - start


def _comment_text(text: str) -> str:
    text = text.rstrip()
    return f"# {text[1:]}" if len(text) > 1 and text[1].isalnum() else text
