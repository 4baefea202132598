"""Random programs over all ops: every row of the network equals the lowered module's. `make fuzz` runs thousands."""

import os
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from netdsl.lowering.compare import compare

from .programs import LAYERS, SHAPES, programs
from .strategies import STRATEGIES

TIMES = int(os.environ.get("NETDSL_FUZZ", "0"))
"""How many times the slice that the suite runs; `make fuzz` sets it."""

ops: Counter[str] = Counter()


@settings(
    max_examples=30 * max(TIMES, 1),
    derandomize=not TIMES,
    deadline=None,
    database=None,
    phases=(Phase.generate,) if TIMES else (Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_every_row_is_what_torch_makes_of_it(network):
    differences = compare(network).differences
    assert not differences, "\n".join([network.span.text, *differences])
    ops.update(node.layer.name for node in network.nodes)


@pytest.mark.skipif(not TIMES, reason="a slice does not meet every op")
def test_every_op_was_met():
    sys.stdout.write(f"\n{ops.total()} layers of {len(ops)} kinds in {30 * TIMES} programs\n")
    assert not set(STRATEGIES) - set(ops)


def test_the_forms_have_every_join_block_and_statement():
    text = " ".join(SHAPES)
    words = ["residual", "dense", "add", "concat", "mul", "mean", "max", "gate", "split", "head", "share", "condition"]
    assert [
        word for word in [*words, "tied", "crop", "unpool", "from", "for", "if", "default"] if word not in text
    ] == []
    assert len(LAYERS) > 25
