"""Batch norm over two processes against torch's over the whole batch."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
import torch
from torch import nn
from netdsl.modules.synced_norm import synchronize_norms
from netdsl.tasks.engine.world import world_of

def largest(a, b):
    return (a - b).abs().max().item()

with world_of("cpu") as world:
    found = {}
    for name, make, shape, options in [
        ("1d", nn.BatchNorm1d, (9, 5), {}),
        ("2d", nn.BatchNorm2d, (7, 5, 4, 3), {}),
        ("3d", nn.BatchNorm3d, (5, 5, 2, 3, 2), {"momentum": None}),
        ("no weights", nn.BatchNorm2d, (3, 5, 4, 4), {"affine": False, "momentum": 0.3}),
        ("no statistics", nn.BatchNorm2d, (3, 5, 4, 4), {"track_running_stats": False}),
    ]:
        torch.manual_seed(1)
        x, dy = 3 * torch.randn(2, *shape) + 100, torch.randn(2, *shape)
        reference, ours = make(5, **options), nn.Sequential(make(5, **options))
        if reference.affine:
            nn.init.normal_(reference.weight), nn.init.normal_(reference.bias)
        ours[0].load_state_dict(reference.state_dict())
        synchronize_norms(ours)
        own, worst = world.share(shape[0]), []
        for whole, gradient in zip(x, dy):
            a, b = whole.clone().requires_grad_(), whole[own].clone().requires_grad_()
            y, z = reference(a), ours(b)
            y.backward(gradient)
            z.backward(gradient[own])
            worst += [largest(y[own], z), largest(a.grad[own], b.grad)]
        for mine, other in zip(ours[0].parameters(), reference.parameters()):
            worst.append(largest(world.sum(mine.grad.clone()), other.grad) / 10)
        for mine, other in zip(ours.buffers(), reference.buffers()):
            worst.append(largest(mine.float(), other.float()) / 100)
        reference.eval(), ours.eval()
        worst.append(largest(reference(x[0])[own], ours(x[0])[own]) if reference.running_mean is not None else 0)
        found[name] = max(worst)
    every = world.told(found)
    if world.first:
        open("found.json", "w").write(json.dumps(found))
"""


@pytest.mark.slow
def test_two_processes_norm_as_one(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*launcher, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert len(found) == 5
    assert max(found.values()) < 2e-4, found
