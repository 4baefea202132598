"""Optimizers against the formulas of their papers, and which weights decay."""

import pytest
import torch
from torch import nn

from netdsl import compile as compile_net
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adadelta, Adagrad, Adam, AdamW, RmsProp, Sgd
from netdsl.tasks.learning.optimizer import optimizer_for

DECAY, STEPS = 0.01, 4
START = [1.0, -2.0, 0.5]
GRADIENTS = [[0.3, -0.1, 2.0], [0.2, 0.4, -1.0], [-0.5, 0.1, 0.1], [0.3, 0.3, 0.3]]


class Weights(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(START, dtype=torch.float64))


def stepped(kind):
    module = Weights()
    optimizer = optimizer_for(module, Method(kind, weight_decay=DECAY))
    for gradient in GRADIENTS:
        module.weight.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
    return module.weight.tolist()


def sgd(w, g, memory, number):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return w - 0.1 * memory["v"]


def nesterov(w, g, memory, number):
    memory["v"] = 0.9 * memory.get("v", 0) + g
    return w - 0.1 * (g + 0.9 * memory["v"])


def adam(w, g, memory, number):
    memory["m"] = 0.8 * memory.get("m", 0) + 0.2 * g
    memory["v"] = 0.99 * memory.get("v", 0) + 0.01 * g * g
    m, v = memory["m"] / (1 - 0.8**number), memory["v"] / (1 - 0.99**number)
    return w - 0.1 * m / (v**0.5 + 1e-3)


def adagrad(w, g, memory, number):
    memory["sum"] = memory.get("sum", 0) + g * g
    return w - 0.1 * g / (memory["sum"] ** 0.5 + 1e-3)


def adadelta(w, g, memory, number):
    memory["g"] = 0.95 * memory.get("g", 0) + 0.05 * g * g
    step = ((memory.get("x", 0) + 1e-3) / (memory["g"] + 1e-3)) ** 0.5 * g
    memory["x"] = 0.95 * memory.get("x", 0) + 0.05 * step * step
    return w - 0.1 * step


def rmsprop(w, g, memory, number):
    memory["v"] = 0.8 * memory.get("v", 0) + 0.2 * g * g
    memory["b"] = 0.7 * memory.get("b", 0) + g / (memory["v"] ** 0.5 + 1)
    return w - 0.1 * memory["b"]


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        (Sgd(0.1, 0.9, False), sgd),
        (Sgd(0.1, 0.9, True), nesterov),
        (Adam(0.1, 0.8, 0.99, 1e-3), adam),
        (Adagrad(0.1, 1e-3), adagrad),
        (Adadelta(0.1, 0.95, 1e-3), adadelta),
        (RmsProp(0.1, 0.8, 0.7, 1.0), rmsprop),
    ],
)
def test_the_formula(kind, formula):
    expected = []
    for place, w in enumerate(START):
        memory = {}
        for number, gradient in enumerate(GRADIENTS, 1):
            w = formula(w, gradient[place] + DECAY * w, memory, number)
        expected.append(w)
    assert stepped(kind) == pytest.approx(expected, rel=1e-9)


def test_adamw_takes_the_decay_from_the_weights():
    """Times the learning rate, and not through the means of the gradient."""
    expected = []
    for place, w in enumerate(START):
        memory = {}
        for number, gradient in enumerate(GRADIENTS, 1):
            w = adam(w - 0.1 * DECAY * w, gradient[place], memory, number)
        expected.append(w)
    assert stepped(AdamW(0.1, 0.8, 0.99, 1e-3)) == pytest.approx(expected, rel=1e-9)


def test_which_weights_decay():
    module = compile_net("input 3x8x8 C3-4b B prelu C3-4 I local(3, 2) F5")
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    for p in module.parameters():
        p.data.fill_(1.0)
        p.grad = torch.zeros_like(p)
    optimizer_for(module, Method(Sgd(0.5, 0.0, False), weight_decay=0.1, decay_norms=False)).step()
    decayed = {name for name, p in module.named_parameters() if p.max() < 1}
    assert decayed == {name for name in before if name.endswith("weight") and before[name].dim() > 1}
    assert len(decayed) == 4
    assert all(p.max().item() == pytest.approx(0.95) for name, p in module.named_parameters() if name in decayed)
