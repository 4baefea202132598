"""Weights from files of other tools, and files that are traps."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.weight_files import read_tensors

TENSORS = {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.ones(2)}


def same(found):
    return found.keys() == TENSORS.keys() and all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)


def test_safetensors_and_torch(tmp_path):
    save_file(TENSORS, tmp_path / "x.safetensors")
    torch.save(TENSORS, tmp_path / "x.pt")
    assert same(read_tensors(tmp_path / "x.safetensors")) and same(read_tensors(str(tmp_path / "x.pt")))


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "model_state_dict"])
def test_a_checkpoint_around_them(tmp_path, wrapper):
    parallel = {f"module.{name}": tensor for name, tensor in TENSORS.items()}
    torch.save({wrapper: parallel, "epoch": 3, "lr": [0.1]}, tmp_path / "x.pth")
    assert same(read_tensors(tmp_path / "x.pth"))


class Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_that_runs_code_is_refused_unrun(tmp_path, form):
    bomb = {"a.weight": torch.ones(1), "x": Bomb(tmp_path / "boom")}
    if form == "torch":
        torch.save(bomb, tmp_path / "x.pt")
    else:
        (tmp_path / "x.pt").write_bytes(pickle.dumps(bomb))
    with pytest.raises(DiagnosticsError) as caught:
        read_tensors(tmp_path / "x.pt")
    assert [d.code for d in caught.value.diagnostics] == ["NET520"]
    assert not (tmp_path / "boom").exists()
    torch.load(tmp_path / "x.pt", weights_only=False) if form == "torch" else pickle.loads(
        (tmp_path / "x.pt").read_bytes()
    )
    assert (tmp_path / "boom").exists(), "the trap is one"


def test_whole_modules_and_other_things(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "module.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"epoch": 3}, tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("weights")
    (tmp_path / "text.safetensors").write_text("weights")
    (tmp_path / "empty.pt").write_bytes(b"")
    cut = tmp_path / "cut.pt"
    torch.save(TENSORS, cut)
    cut.write_bytes(cut.read_bytes()[:200])
    for name in ("module.pt", "list.pt", "none.pt", "text.pt", "text.safetensors", "empty.pt", "cut.pt", "no.pt"):
        with pytest.raises(DiagnosticsError) as caught:
            read_tensors(tmp_path / name)
        assert [d.code for d in caught.value.diagnostics] == ["NET520"], name
