"""Brackets without a partner, and brackets too deep in one another."""

import re

from netdsl.diagnostics import Diagnostic, Edit, Label, Span

MAX_NESTING = 60  # brackets within brackets
OPENING = {"(": ")", "{": "}", "[": "]"}
CLOSING = {close: opening for opening, close in OPENING.items()}
DEFINITION = re.compile(r"^(?:net|block|recipe|import)\b", re.MULTILINE)
_CELL = re.compile(r"\[(?:\s*\d+(?:x\d+)+\s*,\s*[^\s,;\[\](){}]+\s*;?)+")

Bracket = tuple[int, str]


def place_in(span: Span, start: int, length: int) -> Span:
    """Some characters of the text in a span, cut off at its end."""
    start = min(start, len(span.text))
    return Span(span.source, span.start + start, span.start + min(start + length, max(len(span.text), start)))


def too_deep(span: Span, text: str) -> Diagnostic | None:
    """The bracket that goes over the limit (NET107)."""
    if sum(map(text.count, OPENING)) <= MAX_NESTING:
        return None
    depth = 0
    for position, c in _brackets(text):
        depth += 1 if c in OPENING else -1
        if depth > MAX_NESTING:
            return Diagnostic(
                "NET107",
                "brackets stand too deep in one another",
                place_in(span, position, 1),
                expected=f"at most {MAX_NESTING} brackets around anything",
                found=f"{depth}",
                note="give the inner part a name: `block part() { ... }`",
            )
    return None


def unbalanced(span: Span) -> Diagnostic | None:
    """The first bracket that has no partner (NET105)."""
    text = span.text
    brackets = _brackets(text)
    unclosed, wrong = _match(brackets)
    if wrong is not None:
        return _wrong_closing(span, brackets, unclosed, wrong)
    if not unclosed:
        return None
    start, opening = unclosed[-1]
    definition = DEFINITION.search(text, start) or DEFINITION.match(span.source.text, span.end)
    closing = "".join(OPENING[c] for _, c in reversed(unclosed))
    end = min(definition.start(), len(text)) if definition else len(text)
    place = place_in(span, end, 0)
    return Diagnostic(
        "NET105",
        f"`{opening}` is never closed",
        place_in(span, start, 1),
        expected=f"a `{OPENING[opening]}` that closes it",
        found=f"`{definition[0]}` in line {place.line}" if definition else "the end",
        help=f"write `{closing}` " + (f"before `{definition[0]}`" if definition else "at the end"),
        edits=(Edit(place, f"{closing}\n" if definition else closing),),
    )


def _wrong_closing(span: Span, brackets: list[Bracket], unclosed: list[Bracket], wrong: Bracket) -> Diagnostic:
    """A closing bracket that closes nothing, or another kind: what is mended by the least change."""
    position, c = wrong
    place = place_in(span, position, 1)
    index = brackets.index(wrong)
    before, after = brackets[:index], brackets[index + 1 :]
    right = OPENING[unclosed[-1][1]] if unclosed else ""
    if not unclosed or _match([*before, *after]) == ([], None):
        return Diagnostic(
            "NET105",
            f"`{c}` closes nothing",
            place,
            expected=f"a `{CLOSING[c]}` before it",
            found=c,
            help=f"take this `{c}` out",
            edits=(Edit(place, ""),),
        )
    missing = _match([*before, (position, right), *after]) != ([], None)
    where, insertion = "before it", Span(span.source, place.start, place.start)
    if missing:
        kinds = [opening for _, opening in unclosed]
        above = kinds[len(kinds) - kinds[::-1].index(CLOSING[c]) :] if CLOSING[c] in kinds else kinds[-1:]
        right = "".join(OPENING[opening] for opening in reversed(above))
        if right == "]" and (cell := _CELL.match(span.text, unclosed[-1][0])):
            where, insertion = "behind its last row", place_in(span, len(cell[0].rstrip()) + cell.start(), 0)
    return Diagnostic(
        "NET105",
        f"`{c}` cannot close `{unclosed[-1][1]}`",
        place,
        expected=f"`{right}`",
        found=c,
        related=(Label(place_in(span, unclosed[-1][0], 1), "opened here"),),
        help=f"write `{right}`" + (f" {where}" if missing else f" in place of `{c}`"),
        edits=(Edit(insertion if missing else place, right),),
    )


def _match(brackets: list[Bracket]) -> tuple[list[Bracket], Bracket | None]:
    """The brackets that are open at the end, or at the first one that closes nothing or another kind."""
    unclosed: list[Bracket] = []
    for position, c in brackets:
        if c in OPENING:
            unclosed.append((position, c))
        elif unclosed and OPENING[unclosed[-1][1]] == c:
            unclosed.pop()
        else:
            return unclosed, (position, c)
    return unclosed, None


def _brackets(text: str) -> list[Bracket]:
    """Brackets with their places, those in comments and quotes left out."""
    found: list[Bracket] = []
    quiet = ""
    for position, c in enumerate(text):
        if quiet:
            if c == quiet or (c == "\n" and quiet == '"'):
                quiet = ""
        elif c == "#":
            quiet = "\n"
        elif c == '"':
            quiet = '"'
        elif c in OPENING or c in CLOSING:
            found.append((position, c))
    return found
