"""Weights to a file and back, whole or not at all."""

import pytest
import torch
from torch import nn

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.runs.checkpoint import load_checkpoint, save_checkpoint


def net(width=8):
    return nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width))


def test_there_and_back(tmp_path):
    one, two = net(), net()
    one(torch.randn(9, 4))
    save_checkpoint(one, tmp_path / "m.safetensors")
    load_checkpoint(two, tmp_path / "m.safetensors")
    assert all(torch.equal(value, two.state_dict()[name]) for name, value in one.state_dict().items())
    assert len(list(tmp_path.iterdir())) == 1


def test_equal_weights_are_equal_bytes(tmp_path):
    one = net()
    save_checkpoint(one, tmp_path / "a")
    save_checkpoint(one, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert str(tmp_path).encode() not in (tmp_path / "a").read_bytes()


@pytest.mark.parametrize("damage", [lambda b: b[:50], lambda b: b"", lambda b: b"x" * 200, lambda b: b[:-4]])
def test_a_damaged_file(tmp_path, damage):
    file = tmp_path / "m.safetensors"
    save_checkpoint(net(), file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DiagnosticsError) as caught:
        load_checkpoint(net(), file)
    assert caught.value.diagnostics[0].code == "NET554"


def test_no_file(tmp_path):
    with pytest.raises(DiagnosticsError) as caught:
        load_checkpoint(net(), tmp_path / "m.safetensors")
    assert caught.value.diagnostics[0].code == "NET554"


def test_weights_of_another_net(tmp_path):
    save_checkpoint(net(9), tmp_path / "m")
    target = net(8)
    before = target[0].weight.clone()
    with pytest.raises(DiagnosticsError) as caught:
        load_checkpoint(target, tmp_path / "m")
    assert caught.value.diagnostics[0].code == "NET555"
    assert "0.weight 8x4" in str(caught.value) and "0.weight 9x4" in str(caught.value)
    assert torch.equal(target[0].weight, before)
