"""The tidy form: idempotent, of the same meaning, every comment kept; and what it does to lines, spaces and codes."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lark import Token

from netdsl.diagnostics import Source
from netdsl.passes.resolve import ALPHABET, SPELLINGS
from netdsl.syntax.breaks import WIDTH
from netdsl.syntax.grammar import parser
from netdsl.syntax.parse import parse_file
from netdsl.syntax.tidy import same_meaning, tidy
from netdsl.syntax.unparse import unparse

from .strategies import files

FOLDER = Path(__file__).parent / "tidy"
NAMES = sorted(path.stem for path in FOLDER.glob("*.net"))

slowly = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def tidied(text: str) -> str:
    return tidy(Source("<text>", text), ALPHABET, SPELLINGS)


def in_net(body: str) -> str:
    """The tidy form of what stands in a net of one line."""
    text = tidied(f"net x {{ {body} }}")
    assert text.startswith("net x { ")
    return text.removeprefix("net x { ").removesuffix(" }\n")


def tokens(text: str) -> list[Token]:
    tree = parser(keep_all_tokens=True).parse(text, start="file")
    return list(tree.scan_values(lambda value: isinstance(value, Token)))


def comments(text: str) -> list[str]:
    """What stands between the words of a text, without spaces."""
    words = tokens(text)
    starts = [*(w.start_pos for w in words), len(text)]
    ends = [0, *(w.end_pos for w in words)]
    gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return [line.strip() for gap in gaps for line in gap.splitlines() if line.strip()]


GAPS = [" ", " ", "  ", "   ", "\n", "\n", "\n\n\n", "\t", "\r\n", " # {}\n", "\n# {}\n", "\n\n  # {}\n\n"]


def scribbled(text: str, random: Random) -> str:
    """A text with random spaces, line breaks and comments between its words."""
    written, end = random.choice(GAPS), 0
    for word in tokens(text):
        if word.start_pos > end or not random.randrange(10):
            written += random.choice(GAPS)
        written += word
        end = word.end_pos
    first, *rest = written.split("# {}")
    return first + "".join(f"# {number}{part}" for number, part in enumerate(rest))


@slowly
@given(files, st.integers(0, 2**32))
def test_random_files(file, seed):
    text = scribbled(unparse(file), Random(seed))
    once = tidied(text)
    assert tidied(once) == once
    assert comments(once) == comments(text)
    before, after = (parse_file(Source("<text>", t), ALPHABET) for t in (text, once))
    assert same_meaning(before, after, SPELLINGS)
    assert not any(line != line.rstrip() for line in once.split("\n"))
    assert "\n\n\n" not in once


@pytest.mark.parametrize("name", NAMES)
def test_files(name, golden):
    text = (FOLDER / f"{name}.net").read_text(encoding="utf-8")
    once = tidied(text)
    assert tidied(once) == once
    golden(once, FOLDER / f"{name}.tidy")


@pytest.mark.parametrize(
    ("written", "tidy_form"),
    [
        ("CRCRP", "C R C R P"),
        ("C3D64  M FC4096", "C3-64  P F4096"),
        ("conv3-64 maxpool FC-4096 soft-max", "C3-64 P F4096 S"),
        ("[3x3, 64] x 3", "C3-64*3"),
        ("[3x3,64;3x3,64]x{n}", "(C3-64 C3-64)*{n}"),
        ("[3x3, 4*k]", "C3-{4*k}"),
        ("( C3-8R )*{ 2*n-1 }", "(C3-8 R)*{2*n - 1}"),
        ("R     R", "R  R"),
        ("add{id|C3w}", "add { id | C3w }"),
        ("if n>1and not(m) {P} else {}", "if n > 1 and not (m) { P } else { }"),
        ("unit( 64,stride=2, )@a", "unit(64, stride = 2) @a"),
        ("conv(3,-(-n))", "conv(3, -(-n))"),
        ("let x = (a+b)*c - (d - e)*2", "let x = (a + b) * c - (d - e) * 2"),
        ("let x = 1_000 * k // 2 + .5", "let x = 1_000*k//2 + .5"),
        ("expect  params~ 1.70M", "expect params ~ 1.70M"),
    ],
)
def test_one_line(written, tidy_form):
    assert in_net(written) == tidy_form


def test_no_line_is_longer_than_it_must_be():
    body = "(C3-64 R)*3 add { C3-64 B R C3-64 B | id } R for i in [1, 2] { concat { C3-8 R | C3-16 R } P } " * 6
    once = tidied(f"net x {{ {body} expect {', '.join(['params @stage1 = 1'] * 12)} }}")
    assert max(map(len, once.splitlines())) <= WIDTH
    assert tidied(once) == once


def test_a_long_name_stays_on_its_line():
    name = "x" * 130
    assert tidied(f"net a {{ input 3x8x8 {name} R }}") == f"net a {{\n  input 3x8x8\n  {name}\n  R\n}}\n"


def test_the_time_grows_with_the_text():
    """One line of 10,000 words, and 1,500 lines whose columns hang together: a square of either would take minutes."""
    assert tidied(f"net x {{ {'C3-64 R ' * 5_000} }}").count("\n") > 250
    rows = "".join(f"C3-64{' ' * (3 + i % 7)}R{' ' * (3 + i % 5)}R\n" for i in range(1_500))
    assert tidied(f"net x {{\n{rows}}}\n").count("R  R\n") > 500
