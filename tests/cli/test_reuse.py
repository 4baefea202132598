"""What `netdsl reuse` prints and writes."""

import json
from pathlib import Path

import pytest
import torch

from netdsl import compile as compile_net
from netdsl import save_weights

from .conftest import Command

NET = "net small { input 3x8x8 C3-4 (dense { B R C3-2 }*3) @block B R G F5 }"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_weights(compile_net(NET), tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def test_a_table_and_a_picture(netdsl: Command, weights: Path, tmp_path: Path) -> None:
    done = netdsl("reuse", NET, "--weights", weights, "--npy", "maps.npz")
    assert done.exit_code == 0
    assert "block     4          4" in done.stdout
    assert done.stdout.splitlines()[-2:] == ["written     reuse.png", "written     maps.npz"]
    assert (tmp_path / "reuse.png").read_bytes().startswith(b"\x89PNG")
    again = netdsl("reuse", NET, "--weights", weights)
    assert again.exit_code == 1
    assert "NET638" in again.stderr
    assert netdsl("reuse", NET, "--weights", weights, "--force").exit_code == 0


def test_json_alone_draws_nothing(netdsl: Command, weights: Path, tmp_path: Path) -> None:
    found = json.loads(netdsl("reuse", NET, "--weights", weights, "--json").stdout)
    assert [block["name"] for block in found["blocks"]] == ["block"]
    assert not (tmp_path / "reuse.png").exists()


def test_a_net_without_blocks(netdsl: Command, tmp_path: Path) -> None:
    save_weights(compile_net("lenet5"), tmp_path / "l.safetensors")
    done = netdsl("reuse", "lenet5", "--weights", tmp_path / "l.safetensors")
    assert done.exit_code == 1
    assert "NET639" in done.stderr
    assert not (tmp_path / "reuse.png").exists()
