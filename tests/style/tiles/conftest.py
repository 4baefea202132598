"""Small painters with every kind of layer that tiles take, their weights and norms made sharp."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.lowering.to_torch import to_torch

NETS = {
    "pastiche": "net p { input 3xHxW C5-4 I R C3-6/2 I R residual { C3-6 I R C3-6 I }*2 "
    "U2 C3-4 I R C5-3 I tanh(scale=150) }",
    "styles": "net p { input 3xHxW condition s(3) C3-4 I{s} R C3-5/2 I{s} R U2 C3-4 I{s} R C3-3 }",
    "mirrors": "block u(f) { add { (C3-{f}v I R C3-{f}v B) @b | crop(@b) } } "
    "net p { input 3xHxW pad(8, mode=reflect) C3-4 B R C3-4/2 I R u(4) u(4) T3-4/2 I R C3-3 }",
    "mirrored": "net p { input 3xHxW pad(2, mode=reflect) C5-4v I R pad(1, mode=replicate) C3-4v I R C3-3 }",
    "pools": "net p { input 3xHxW C3-4 R P2 I R A3/1s C3-4 upsample(2, mode=bilinear) I C3-3 }",
    "ceil": "net p { input 3xHxW C3-4 I P3/2c C3-4 I U2 C3-4 I A3/2c U2 C3-3 }",
    "dense": "net p { input 3xHxW C3-4 dense { I R C3-3 }*3 I R C1-3 }",
    "branches": "net p { input 3xHxW C3-4 concat { C1-2 I | C5-3 I R | P3/1s } I "
    "gate { C3-9 sigmoid | C3-9 I R | id } C3-3 }",
    "first": "net p { input 3xHxW I C3-4 I R C3-3 I }",
    "dilated": "net p { input 3xHxW C3-4d3 I R C3x1-4 I elu C1x5-3 layer_norm }",
    "shared": "net p { input 3xHxW C3-4 share s { C3-4 I R } s s C3-3 }",
    "transposed": "net p { input 3xHxW C3-4/4 I R T5-4/2 I R T4-3/2 }",
    "plain": "net p { input 3xHxW C3-4 R C3-4/2 R U2 C3-3 tanh(scale=150) }",
    "nothing": "net p { input 3xHxW R }",
}


def sharp(net: str, seed: int = 0):
    """A module in double precision whose norms do something."""
    random = torch.Generator().manual_seed(seed)
    module = to_torch(compile_network(NETS.get(net, net))).double().eval()
    for parameter in module.parameters():
        with torch.no_grad():
            parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=torch.float64) * 0.5)
    for buffer in module.buffers():
        if buffer.is_floating_point():
            buffer.copy_(torch.rand(buffer.shape, generator=random, dtype=torch.float64) + 0.5)
    return module


@pytest.fixture(params=NETS)
def painter(request):
    """Each of the nets in turn."""
    return sharp(request.param)
