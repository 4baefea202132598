"""Every bundled net against torch: each row's shape, parameters, buffers and MACs, and a step forward and backward."""

from typing import Any

import pytest
import torch

from netdsl.lowering.compare import compare
from netdsl.lowering.to_torch import to_torch

from .bundled import NETS, ROWS, name_of, network, settings_of

# Hundreds of rows each, a second or more, and a shallower net of the same units is in the quick suite.
DEEP = {
    *(f"resnet:resnet{depth}" for depth in (110, 164, 1001)),
    *(f"resnet_cifar --set depth={depth}" for depth in (110, 1202)),
    *("resnet101:resnet101_v1", "resnet152", "resnet152:resnet152_v1"),
    *("densenet:densenet_100_24", "densenet:densenet_bc_250_24", "densenet:densenet_bc_190_40"),
    *("densenet161", "densenet169", "densenet201"),
    *(f"fractalnet --set columns={columns},f=16,classes=100" for columns in (4, 5, 6)),
}


def case(row: dict[str, Any]) -> Any:
    name = name_of(row)
    return pytest.param(row, id=name, marks=[pytest.mark.slow] if name in DEEP else [])


CASES = [case({"file": file, "net": net}) for file, net in NETS] + [case(row) for row in ROWS if settings_of(row)]


def test_only_nets_that_are_there_are_left_to_the_slow_suite() -> None:
    assert {case.id for case in CASES} >= DEEP


@pytest.mark.parametrize("row", CASES)
def test_each_row_is_what_torch_makes_of_it(row: dict[str, Any]) -> None:
    assert compare(network(row["file"], row["net"], settings_of(row))).differences == ()


@pytest.mark.parametrize("row", CASES)
def test_it_runs_forward_and_backward(row: dict[str, Any]) -> None:
    """On the meta device, which has shapes and no numbers; every parameter gets a gradient of its shape."""
    found = network(row["file"], row["net"], settings_of(row))
    with torch.device("meta"):
        module = to_torch(found).train()
        conditions = [torch.zeros(2, dtype=torch.long) for _ in found.conditions]
        result = module(torch.empty(2, *found.input.shape), *conditions)
    main, heads = result if isinstance(result, tuple) else (None, result) if found.final_heads else (result, {})
    outputs = [*([] if main is None else [main]), *heads.values()]
    assert main is None or tuple(main.shape) == (2, *found.output.shape)
    assert all(tuple(y.shape) == (2, *found.nodes[found.heads[name].node].output.shape) for name, y in heads.items())
    sum(output.sum() for output in outputs).backward()
    assert sum(p.grad.numel() for p in module.parameters() if p.grad is not None) == found.params
