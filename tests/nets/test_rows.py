"""Every bundled net against torch: each row's shape, parameters, buffers and MACs, and a step forward and backward."""

from typing import Any

import pytest
import torch

from netdsl.lowering.compare import compare
from netdsl.lowering.to_torch import to_torch

from .bundled import NETS, ROWS, name_of, network, settings_of

DEEP = {"resnet:resnet1001", "resnet_cifar --set depth=1202"}  # thousands of rows: ten seconds each


def case(row: dict[str, Any]) -> Any:
    name = name_of(row)
    return pytest.param(row, id=name, marks=[pytest.mark.slow] if name in DEEP else [])


CASES = [case({"file": file, "net": net}) for file, net in NETS] + [case(row) for row in ROWS if settings_of(row)]


@pytest.mark.parametrize("row", CASES)
def test_each_row_is_what_torch_makes_of_it(row: dict[str, Any]) -> None:
    assert compare(network(row["file"], row["net"], settings_of(row))).differences == ()


@pytest.mark.parametrize("row", CASES)
def test_it_runs_forward_and_backward(row: dict[str, Any]) -> None:
    """On the meta device, which has shapes and no numbers; every parameter gets a gradient of its shape."""
    found = network(row["file"], row["net"], settings_of(row))
    with torch.device("meta"):
        module = to_torch(found).train()
        result = module(torch.empty(2, *found.input.shape))
    main, heads = result if isinstance(result, tuple) else (result, {})
    assert tuple(main.shape) == (2, *found.output.shape)
    sum(output.sum() for output in [main, *heads.values()]).backward()
    assert sum(p.grad.numel() for p in module.parameters() if p.grad is not None) == found.params
