"""The format that was asked for, or the one that the processor is fast in."""

import pytest
import torch

from netdsl.tasks.engine.number_format import number_format

CPU = torch.device("cpu")


def test_what_is_asked_for_counts() -> None:
    assert number_format("bf16", CPU) == torch.bfloat16 and number_format("fp32", CPU) == torch.float32


@pytest.mark.parametrize(
    ("able", "expected"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True, "avx512_bf16": False}, torch.bfloat16),
        ({"architecture": "aarch64", "bf16": True}, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": False}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_a_processor_that_multiplies_it_takes_it(able: dict[str, object], expected: torch.dtype, monkeypatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert number_format(None, CPU) == expected


def test_other_devices(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: not including_emulation)
    assert number_format(None, torch.device("cuda")) == torch.bfloat16
    assert number_format(None, torch.device("mps")) == torch.float32
