"""Texts for the fuzz tests: random files, random bytes, bundled nets with something changed."""

import os
import re
from random import Random
from zlib import crc32

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from netdsl.passes.files import bundled_nets
from netdsl.syntax.build_rules import KEYWORDS
from netdsl.syntax.unparse import unparse

from .strategies import files

TIMES = int(os.environ.get("NETDSL_FUZZ", "0"))
"""How many times the slice that the suite runs; `make fuzz` sets it."""

_POOL = """
n n k k unit unit wide add concat mul mean split residual dense head conv relu floor range max here channels height tanh
project stride padding same pad params depth shape macs x crop unpool tied share style instance_norm local scale
"""
POOL = _POOL.split()
NETS = [net.read_text("utf-8") for net in bundled_nets().values()]
_WORD = re.compile(r"[A-Za-z_0-9.]+|\s+|.", re.DOTALL)
_EXTRA = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "*",
    "|",
    "@",
    "@a",
    "=",
    "~",
    ",",
    ";",
    "->",
    "\n",
    "#",
    '"',
    "/",
    "-",
    "\0",
    "\u00e9",
    "\N{MULTIPLICATION SIGN}",
]
_EXTRA += [
    "*{2}",
    "0",
    "9999999999999999999999",
    "1e9",
    ".5",
    "50%",
    "here",
    "id",
    "with",
    "C",
    "C3-8",
    "x 3",
    "[3x3, 8]",
]


def fuzz(examples: int) -> settings:
    """The settings of a fuzz test: the same few examples each time in the suite, many new ones in `make fuzz`."""
    phases = (Phase.generate,) if TIMES else (Phase.generate, Phase.shrink)
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        deadline=None,
        phases=phases,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def with_known_names(text: str) -> str:
    """Names that mean something here in place of random ones; texts in quotes stay."""

    def known(match: re.Match[str]) -> str:
        word = match[0]
        return word if word in KEYWORDS or word[0] == '"' else POOL[crc32(word.encode()) % len(POOL)]

    return re.sub(r'"[^"\n]*"|(?<![A-Za-z0-9_@}.-])[a-z_][a-z0-9_]*', known, text)


random_files = files.map(unparse)
files_with_known_names = random_files.map(with_known_names)
random_bytes = st.binary(max_size=300)
random_words = st.lists(st.sampled_from([*_EXTRA, *POOL, *KEYWORDS, "net", "block", "recipe", " ", "\n"]), max_size=60)


def mutated(seed: int) -> str:
    """A bundled net with up to four of its words taken out, doubled, moved or replaced."""
    random = Random(seed)
    words = _WORD.findall(random.choice(NETS))
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(words)), random.randrange(len(words))
        match random.randrange(5):
            case 0:
                words[at] = ""
            case 1:
                words[at] *= 2
            case 2:
                words[at], words[other] = words[other], words[at]
            case 3:
                words[at] = random.choice(_EXTRA)
            case _:
                words.insert(at, random.choice([words[other], *_EXTRA]))
    return "".join(words)
