"""Every bundled net, broken in 20 random ways: a message with a code and a place, or a net that is still valid."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from netdsl.compiler import Pipeline
from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.diagnostics.catalog import CATALOG
from netdsl.diagnostics.render import render
from netdsl.passes.files import bundled_nets

WAYS = 20
Change = Callable[[random.Random, str], str]


def other_number(dice: random.Random, old: str) -> str:
    return dice.choice(["0", "1", "7", "999", "1.5", "99999999999999999999999", "", old + "0", str(int(old) + 1)])


def other_bracket(dice: random.Random, old: str) -> str:
    return dice.choice(["", old + old, *"(){}[]"])


def other_name(dice: random.Random, old: str) -> str:
    at = dice.randrange(len(old))
    return dice.choice(
        [old[:at] + old[at + 1 :], old[: at + 1] + old[at:], old[:at] + "q" + old[at + 1 :], old.upper()]
    )


CHANGES: list[tuple[str, Change]] = [
    (r"\d+", other_number),
    (r"[(){}\[\]]", other_bracket),
    (r"[a-z_]{2,}", other_name),
]


def broken(text: str, dice: random.Random) -> tuple[str, int]:
    """The text with one thing changed outside its comments, and the line of the change."""
    comments = [match.span() for match in re.finditer(r"#[^\n]*", text)]
    places: list[re.Match[str]] = []
    while not places:  # a file of one line has no brackets
        pattern, change = dice.choice(CHANGES)
        places = [m for m in re.finditer(pattern, text) if not any(a <= m.start() < b for a, b in comments)]
    place = dice.choice(places)
    line = text.count("\n", 0, place.start()) + 1
    return text[: place.start()] + change(dice, place[0]) + text[place.end() :], line


def lowest_line(diagnostic: Diagnostic, file: str) -> int:
    """The last line that a message speaks of, in its excerpt or in what it says to type."""
    spans = [diagnostic.span, *(r.span for r in diagnostic.related), *(e.span for e in diagnostic.edits)]
    return max((span.line for span in spans if span is not None and span.source.name == file), default=0)


@pytest.mark.parametrize("name", bundled_nets())
def test_broken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = f"{name}.net"
    whole = bundled_nets()[name].read_text("utf-8")
    for seed in range(WAYS):
        text, line = broken(whole, random.Random(f"{name} {seed}"))
        Path(file).write_text(text, encoding="utf-8")
        try:
            found = Pipeline.of(file).compile().diagnostics
        except DiagnosticsError as error:
            found = error.diagnostics
        errors = [d for d in found if d.severity == "error"]
        shown = "\n".join(map(render, errors))
        assert all(d.code in CATALOG for d in found)
        claims = any(d.code.startswith("NET4") for d in errors)
        assert not errors or claims or max(lowest_line(d, file) for d in errors) >= line, (
            f"line {line}, {seed}\n{shown}"
        )
