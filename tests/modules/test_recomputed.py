"""A part that is computed again in backward."""

import torch
from torch import nn

from netdsl.modules.recomputed import Recomputed


def part():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(8, 4, 3))


def step(run, layers, x):
    torch.manual_seed(1)
    x = x.clone().requires_grad_()
    y = run(x)
    gradients = torch.autograd.grad(y.square().sum(), [x, *layers.parameters()])
    return [y, *gradients, *layers.buffers()]


def test_the_same_to_the_bit_and_the_batch_is_counted_once():
    one, two = part(), part()
    x = torch.randn(4, 3, 8, 8)
    for ours, theirs in zip(step(Recomputed(two), two, x), step(one, one, x), strict=True):
        assert torch.equal(ours, theirs)
    assert two[1].num_batches_tracked == 1
    assert two[1].track_running_stats


def test_it_runs_twice_and_keeps_nothing_inside():
    seen, saved = [], []
    layers = part()
    layers[1].register_forward_hook(lambda layer, given, y: seen.append(y.shape))
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.shape) or t, lambda t: t):
        y = Recomputed(layers)(torch.randn(4, 3, 8, 8))
    assert len(seen) == 1
    assert all(shape[1:] != (8, 6, 6) for shape in saved)
    y.sum().backward()
    assert len(seen) == 2


def test_without_gradients_it_runs_once():
    seen = []
    layers = part()
    layers[0].register_forward_hook(lambda layer, given, y: seen.append(1))
    with torch.no_grad():
        Recomputed(layers)(torch.randn(4, 3, 8, 8))
    assert seen == [1]
