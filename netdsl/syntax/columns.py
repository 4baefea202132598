"""Which of the author's wider spaces stay: those that make columns, and two spaces between groups of statements."""

from __future__ import annotations

from itertools import groupby

from netdsl.syntax.breaks import GROUPS, WIDTH, least_space
from netdsl.syntax.leaves import Leaf
from netdsl.syntax.lines import Line


def settle_columns(lines: list[Line]) -> None:
    """Take out every wider space whose word stands in no column with the line above or below."""
    waiting = set(range(len(lines)))
    while waiting:
        number = waiting.pop()
        line = lines[number]
        around = [other for other in lines[max(0, number - 1) : number + 2] if other is not line]
        if _settle(line, around):
            waiting |= {n for n in (number - 1, number, number + 1) if 0 <= n < len(lines)}


def _settle(line: Line, around: list[Line]) -> bool:
    """Move the first word that is too far off, and what follows it as far as it may."""
    for index in range(1, len(line.leaves)):
        leaf, column = line.leaves[index], line.columns[index]
        before = line.columns[index - 1] + len(line.leaves[index - 1].text)
        least = before + least_space(line.leaves[index - 1], leaf)
        if column > least and not any(_in_column(line, index, other) for other in around):
            _move(line, index, least)
            return True
    return False


def _move(line: Line, index: int, column: int) -> None:
    """Put a word at a column; words behind it that stood right behind another still do."""
    for at in range(index, len(line.leaves)):
        end = line.columns[at] + len(line.leaves[at].text)
        gap = line.columns[at + 1] - end if at + 1 < len(line.leaves) else 0
        line.columns[at] = column
        if at + 1 == len(line.leaves) or gap > least_space(line.leaves[at], line.leaves[at + 1]):
            return
        column += len(line.leaves[at].text) + gap


def _in_column(line: Line, index: int, other: Line) -> bool:
    """Does a word of the same kind start, or a number end, in this column of the other line?"""
    leaf, column = line.leaves[index], line.columns[index]
    end = column + len(leaf.text)
    for at, (its, its_column) in enumerate(zip(other.leaves, other.columns, strict=True)):
        if its.kind != leaf.kind or (at != index and its.text != leaf.text):
            continue
        if its_column == column or (_is_number(leaf) and its_column + len(its.text) == end):
            return True
    return False


def _is_number(leaf: Leaf) -> bool:
    return leaf.kind in ("NUMBER", "QUANTITY", "PERCENT")


def text_of(lines: list[Line]) -> str:
    """The lines as text, comments of neighbouring lines in one column."""
    shown: list[str] = []
    for has_comment, group in groupby(lines, key=lambda line: bool(line.comment)):
        texts = [(_code_text(line), line.comment) for line in group]
        if has_comment:
            column = max(len(code) for code, _ in texts) + GROUPS
            fits = all(column + len(comment) <= WIDTH for _, comment in texts)
            shown += [f"{code:<{column if fits else len(code) + GROUPS}}{comment}" for code, comment in texts]
        else:
            shown += [code for code, _ in texts]
    return "".join(f"{line}\n" for line in shown)


def _code_text(line: Line) -> str:
    text = " " * line.indent + line.text if line.text else ""
    for leaf, column in zip(line.leaves, line.columns, strict=True):
        text = f"{text:<{column}}{leaf.text}"
    return text
