"""What torch keeps of a loss network's maps, counted by its own hooks."""

import pytest
import torch

from netdsl.style.loss.memory import kept, passing, per_pixel
from netdsl.style.loss.network import loss_network

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "conv4_1")
SIDE = 64


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_a_pass_keeps(random_weights, dtype: torch.dtype) -> None:
    network = loss_network(random_weights, LAYERS, dtype)
    own = {weight.data_ptr() for weight in network.module.state_dict().values()}
    found: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in own:
            found[tensor.data_ptr()] = tensor.numel() * tensor.element_size()
        return tensor

    picture = torch.rand(1, 3, SIDE, SIDE).mul(255).requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        maps = network(picture)
    assert maps
    assert sum(found.values()) == pytest.approx(SIDE**2 * kept(network), rel=0.02)


def test_numbers_of_a_map_by_hand(random_weights) -> None:
    network = loss_network(random_weights, LAYERS, torch.float32)
    assert [per_pixel(network, layer) for layer in LAYERS] == [64, 128 / 4, 256 / 16, 512 / 64]
    assert passing(network) == 64 * (3 * 4 + 4)
    assert kept(network, ("relu1_2",)) == kept(network)
    halves = loss_network(random_weights, LAYERS, torch.bfloat16)
    assert kept(halves, ("relu1_2",)) == kept(halves) + 64 * 4
