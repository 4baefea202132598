"""Random nets of every form, with names that mean something: a network or errors, and nothing else."""

import pytest
from hypothesis import HealthCheck, given, settings

from netdsl.compiler import Pipeline
from netdsl.diagnostics import DiagnosticsError
from netdsl.diagnostics.render import render
from netdsl.passes import place, statements
from netdsl.syntax.unparse import unparse

from .fuzzing import with_known_names
from .strategies import bodies

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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
