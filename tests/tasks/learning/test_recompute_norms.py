"""Batch norm's statistics over all images, against torch's own of one batch that holds them all."""

import copy

import pytest
import torch
from torch import nn

from netdsl import compile as compile_net
from netdsl.data import Normalization
from netdsl.recipes.method import Method
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.learning import recompute_norms as module_of_it
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.learning.recompute_norms import recompute_norms
from netdsl.tasks.training.training import Training

IMAGES = torch.randint(0, 256, (70, 3, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
PLAIN = Normalization.none(3)
NETS = [
    "input 3x8x8 C3-6 B R C3-6/2 B R D.5 C3-4 B G F5",
    "input 3x8x8 C3-6 B R concat { C1-4 B | C3-5 B R } head a { C3-2 B G F3 } B R F9 B F5",
]


def in_one_batch(module):
    """The statistics that torch finds in training mode; dropout off."""
    whole = copy.deepcopy(module).train()
    for part in whole.modules():
        if isinstance(part, nn.Dropout | nn.Dropout2d):
            part.eval()
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.momentum = 1.0
    with torch.no_grad():
        whole(PLAIN(IMAGES))
    return {name: buffer for name, buffer in whole.named_buffers() if "running" in name}


@pytest.mark.parametrize("text", NETS)
@pytest.mark.parametrize("at_once", [250, 16])
def test_the_whole_set_as_one_batch(text, at_once, monkeypatch):
    monkeypatch.setattr(module_of_it, "EVAL_BATCH", at_once)
    torch.manual_seed(0)
    module = compile_net(text)
    expected = in_one_batch(module)
    recompute_norms(module, IMAGES, PLAIN, Engine(torch.device("cpu")))
    assert module.training and all(part.training for part in module.modules())
    found = dict(module.named_buffers())
    assert len(expected) >= 6
    for name, buffer in expected.items():
        assert torch.allclose(found[name], buffer, rtol=1e-3, atol=1e-5), name


def test_a_norm_that_is_frozen_stays():
    module = compile_net(NETS[0])
    recompute_norms(module, IMAGES, PLAIN, Engine(torch.device("cpu")), {module.batch_norm1})
    assert module.batch_norm1.running_mean.abs().max() == 0
    assert module.batch_norm2.running_mean.abs().max() > 0


def net():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def test_a_net_without_norms_is_left_as_it_is():
    module = nn.Sequential(nn.Flatten(), nn.Linear(192, 4))
    before = copy.deepcopy(module.state_dict())
    recompute_norms(module, IMAGES, PLAIN, Engine(torch.device("cpu")))
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize("ema", [None, 0.9])
def test_a_training_ends_with_it(bright_or_dark, ema):
    """The weights are those of a training without; the last epoch's figures are those of the new statistics."""
    normalization = Normalization.of(bright_or_dark.train_images)
    runs = []
    for wanted in (False, True):
        module = net()
        method = Method(epochs=3, batch=40, ema=ema, recompute_norms=wanted)
        runs.append((module, list(Training(module, bright_or_dark, normalization, method).epochs())))
    (plain, rows), (again, others) = runs
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), again.parameters(), strict=True))
    assert [row.test_loss for row in rows[:2]] == [row.test_loss for row in others[:2]]
    assert rows[2].test_loss != others[2].test_loss
    with torch.no_grad():
        inputs = again[0](normalization(bright_or_dark.train_images))
    assert torch.allclose(again[1].running_mean, inputs.mean((0, 2, 3)), atol=1e-5)
    assert torch.allclose(again[1].running_var, inputs.var((0, 2, 3)), rtol=1e-4)
    score = measure(again, bright_or_dark.test_images, bright_or_dark.test_labels, normalization)
    assert score.loss == others[2].test_loss
