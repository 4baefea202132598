"""The gradient that a net learns to paint by: as it is computed fast, against the plain way in float32."""

import torch
from torch import nn

from netdsl.compiler import Pipeline
from netdsl.data import Batch
from netdsl.lowering import to_torch
from netdsl.recipes.losses import Perceptual
from netdsl.recipes.method import Method
from netdsl.style.fast.objective import CONTENT_LAYER, STYLE_LAYERS, StyleObjective
from netdsl.style.loss.network import loss_network
from netdsl.tasks.engine.engine import Engine

CPU = torch.device("cpu")


def pictures(seed, count):
    coarse = torch.rand(count, 3, 6, 8, generator=torch.Generator().manual_seed(seed)) * 255
    return nn.functional.interpolate(coarse, size=(48, 64), mode="bilinear")


def gradient(weights, precision, change=lambda objective: None):
    torch.manual_seed(0)
    engine = Engine(CPU, precision)
    module = engine.place(to_torch(Pipeline.of("nets/pastiche.net").compile("pastiche").network)).train()
    network = loss_network(weights, (*STYLE_LAYERS, CONTENT_LAYER), engine.dtype)
    objective = StyleObjective(module, Method(loss=Perceptual(), target="style"), network, [pictures(1, 1)])
    change(objective)
    batch = Batch(pictures(2, 2).byte(), torch.zeros(2, dtype=torch.long))
    x = engine.images(batch.images.float() - 115)
    objective(engine.trained(module)(x), x, batch).backward()
    return torch.cat([p.grad.flatten() for p in module.parameters()])


def test_the_contents_pass_may_stop_at_its_layer(weights):
    def through_all(objective):
        objective.content = objective.painted

    torch.testing.assert_close(gradient(weights, "fp32"), gradient(weights, "fp32", through_all), rtol=1e-5, atol=1e-7)


def test_norms_of_maps_as_they_lie_keep_float32s_precision():
    """Of the net alone: the loss network's rectifiers make small differences large."""
    torch.manual_seed(0)
    engine = Engine(CPU, "fp32")
    network = Pipeline.of("nets/pastiche.net").compile("pastiche").network
    module = engine.place(to_torch(network)).train()
    exact = to_torch(network).double()
    exact.load_state_dict(module.state_dict())
    x, weights = pictures(2, 2) - 115, torch.randn(2, 3, 48, 64)
    (engine.trained(module)(engine.images(x)) * weights).mean().backward()
    (exact(x.double()) * weights).mean().backward()
    ours, theirs = (torch.cat([p.grad.flatten() for p in net.parameters()]) for net in (module, exact))
    assert 0 < (ours - theirs).norm() < 1e-5 * theirs.norm()


def test_bfloat16_points_the_same_way(weights, monkeypatch):
    """As torch's own norms have it, too. Random weights on small pictures are the hard case: 0.05 at 256 pixels."""
    exact, ours = gradient(weights, "fp32"), gradient(weights, "bf16")
    monkeypatch.setattr("netdsl.modules.instance_norm.goes_last", lambda x: False)
    theirs = gradient(weights, "bf16")
    off, usual = ((found - exact).norm() / exact.norm() for found in (ours, theirs))
    assert 0 < off < 1.1 * usual
    assert nn.functional.cosine_similarity(ours, exact, dim=0) > 0.9
