"""Random nets of every form, with names that mean something: a network or errors, and nothing else."""

import re
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings

from netdsl.compiler import Pipeline
from netdsl.diagnostics import DiagnosticsError
from netdsl.diagnostics.render import render
from netdsl.passes import place, statements
from netdsl.syntax.build_rules import KEYWORDS
from netdsl.syntax.unparse import unparse

from .strategies import bodies

_POOL = """
n n k k unit unit wide add concat mul residual dense head conv relu floor range max here channels height shortcut
project stride padding same pad params depth shape macs x
"""
POOL = _POOL.split()
quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def with_known_names(text: str) -> str:
    """Names that mean something here in place of random ones; texts in quotes stay."""

    def known(match: re.Match[str]) -> str:
        word = match[0]
        return word if word in KEYWORDS or word[0] == '"' else POOL[crc32(word.encode()) % len(POOL)]

    return re.sub(r'"[^"\n]*"|(?<![A-Za-z0-9_@}.-])[a-z_][a-z0-9_]*', known, text)


@quick
@given(bodies, bodies)
def test_random_nets(block, net):
    inner, outer = (with_known_names(unparse(body)) for body in (block, net))
    text = f"block unit(n = 3, k = 1) {{ {inner} }} net toy(n = 2, k = 3, wide = true) {{ input 3x8x8 C3-4 {outer} }}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "MAX_STEPS", 2_000)
        patch.setattr(place, "MAX_NODES", 500)
        try:
            found = Pipeline.of(text).compile()
        except DiagnosticsError as error:
            assert all(render(d) for d in error.diagnostics)
            return
    assert (found.network is None) == bool(found.errors)
    assert all(render(d) for d in found.diagnostics)
