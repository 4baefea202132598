"""Where the lines of a tidy text end: where the author ended them, with brackets that open and close alike."""

from __future__ import annotations

from netdsl.syntax.leaves import Leaf
from netdsl.syntax.spacing import space

WIDTH = 120
"""As wide as the bundled nets, whose rows follow those of their papers' tables."""
GROUPS = 2
"""Spaces between groups of statements, and before a comment."""


def opens(leaf: Leaf) -> bool:
    return leaf.text.endswith(("(", "[", "{")) and leaf.kind in ("LPAR", "LSQB", "LBRACE", "CALL", "EXPECT_AT")


def closes(leaf: Leaf) -> bool:
    return leaf.kind in ("RPAR", "RSQB", "RBRACE")


def settle_breaks(leaves: list[Leaf]) -> list[Leaf]:
    """Make line breaks regular, take out what a line break makes superfluous, and tell each bracket its partner.

    A definition starts a line; a body's `{`, commas and repetitions stay with what is before them. What follows an
    opening bracket stands on a line of its own if and only if the closing one does; the braces of a definition that
    takes more than a line do both.
    """
    for index, leaf in enumerate(leaves):
        leaf.newline = bool(index) and (leaf.newline or leaf.starts == "definition")
        if _stays_behind(leaf) and not leaf.above and not (index and leaves[index - 1].comment):
            leaf.newline = leaf.blank = False
    for start, end, depth in _pairs(leaves):  # inner ones first
        _same_on_both_sides(leaves, start, end, depth)
    kept = [
        leaf for leaf, after in zip(leaves, [*leaves[1:], leaves[-1]], strict=True) if not _superfluous(leaf, after)
    ]
    for start, end, _ in _pairs(kept):
        kept[start].partner, kept[end].partner = end, start
    _settle_blanks(kept)
    return kept


def _pairs(leaves: list[Leaf]) -> list[tuple[int, int, int]]:
    """Where brackets open and close, and how many are around them; a branch on a line of its own opens them up."""
    pairs: list[tuple[int, int, int]] = []
    stack: list[int] = []
    for index, leaf in enumerate(leaves):
        if opens(leaf):
            stack.append(index)
        elif closes(leaf):
            pairs.append((stack.pop(), index, len(stack)))
        elif leaf.kind == "VBAR" and leaf.newline:
            leaves[stack[-1] + 1].newline = True
    return pairs


def _stays_behind(leaf: Leaf) -> bool:
    if leaf.kind == "LBRACE":
        return True
    return leaf.text in (",", ";") or (leaf.kind == "STAR" and leaf.rule == "repeat")


def _same_on_both_sides(leaves: list[Leaf], start: int, end: int, depth: int) -> None:
    first, last = leaves[start + 1], leaves[end]
    if first is last:
        first.newline = bool(first.above or leaves[start].comment)
    elif not depth and leaves[start].kind == "LBRACE" and leaves[start].rule in ("body", "recipe"):
        first.newline = last.newline = any(leaf.newline for leaf in leaves[start + 1 : end + 1])
    else:
        first.newline = last.newline = first.newline or last.newline


def _superfluous(leaf: Leaf, after: Leaf) -> bool:
    """A comma before a bracket that closes on its line."""
    behind_last = leaf.text in (",", ";") and closes(after) and not after.newline
    return behind_last and not leaf.comment and not leaf.above


def _settle_blanks(leaves: list[Leaf]) -> None:
    """No empty line at the top, behind an opening bracket or before a closing one."""
    for index, leaf in enumerate(leaves):
        first = not index or opens(leaves[index - 1])
        if first and leaf.above:
            leaf.above[0].blank = False
        if closes(leaf) or leaf.kind == "$END" or not leaf.newline or (first and not leaf.above):
            leaf.blank = False


def cut(leaves: list[Leaf], first: int, indent: int) -> int:
    """Where the line that starts with the word `first` ends: at its line break, or earlier so that it fits.

    It ends before the last statement that fits, outside of brackets that open on the line if there is one; where all
    stand in such brackets, the first of these are opened up.
    """
    column = indent
    best, around = 0, [0]
    opened: list[int] = []
    end = first
    for end in range(first, len(leaves)):
        leaf = leaves[end]
        if end > first and leaf.newline:
            break
        if closes(leaf) and opened:
            opened.pop()
        if end > first:
            column += least_space(leaves[end - 1], leaf)
            if _may_start_a_line(leaves, end) and (not best or len(opened) <= len(around)):
                best, around = end, list(opened)
        column += len(leaf.text)
        if column > WIDTH and best:
            return open_up(leaves, around[0]) if around else best
        if opens(leaf):
            opened.append(end)
    else:
        end = len(leaves)
    return end


def _may_start_a_line(leaves: list[Leaf], index: int) -> bool:
    starts = leaves[index].starts
    return starts == "statement" or (starts == "claim" and leaves[index - 1].text == ",")


def open_up(leaves: list[Leaf], start: int) -> int:
    """Put what stands in a bracket on lines of its own, a branch each, and give the first of its words."""
    index, end = start + 1, leaves[start].partner
    leaves[index].newline = leaves[end].newline = True
    while index < end:
        if leaves[index].kind == "VBAR":
            leaves[index].newline = True
        index = leaves[index].partner if opens(leaves[index]) else index + 1
    return start + 1


def least_space(left: Leaf, right: Leaf) -> int:
    """The fewest spaces between two words: two where the author has set a group of statements, or rows, apart."""
    apart = right.starts in ("statement", "item") or left.text == ";"
    return GROUPS if apart and right.spaces >= GROUPS else space(left, right)
