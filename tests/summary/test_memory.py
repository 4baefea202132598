"""Memory of a training step: the known numbers of VGG-16, and what autograd really keeps."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.lowering import to_torch
from netdsl.summary.memory import activation_bytes, saved_bytes, training_memory


def network_of(text: str, size: tuple[int, ...] | None = None, **parameters: object) -> Network:
    return compile_network(text, parameters, FeatureMap(size[0], size[1:]) if size else None)


class TestVgg16:
    network = compile_network("vgg16")

    def test_outputs_of_convolutions_pools_and_linear_layers(self) -> None:
        """15.08 M numbers and 60.3 MB, with ReLU and dropout in place; the textbook says 93 MB."""
        counted = [n for n in self.network.nodes[1:] if n.layer.name in ("conv", "max_pool", "linear")]
        numbers = sum(node.output.numel for node in counted)
        assert numbers == 15_087_080
        assert 4 * numbers == 60_348_320

    def test_outputs_of_all_layers(self) -> None:
        assert activation_bytes(self.network) == 4 * (15_087_080 + 13_547_520 + 4 * 4096) == 114_603_936

    def test_kept_for_backward(self) -> None:
        """The input, a ReLU's output for each convolution, each pool's and its places, and what the head needs."""
        relus, pools, image = 13_547_520, 1_530_368, 3 * 224 * 224
        head = 4 * (2 * 4096 + 2 * 4096) + 2 * 4096  # ReLUs, dropouts' outputs and their masks of one byte
        assert saved_bytes(self.network) == 4 * (relus + pools + image) + 8 * pools + head == 73_230_336

    def test_a_training_step(self) -> None:
        memory = training_memory(self.network, 64)
        assert memory.parameters == memory.gradients == memory.optimizer == 4 * 138_357_544
        assert memory.buffers == 0
        assert memory.activations == 64 * 73_230_336
        assert memory.total == 3 * 4 * 138_357_544 + 64 * 73_230_336


def test_running_statistics_are_buffers() -> None:
    memory = training_memory(network_of("C3-4 B R", (3, 8, 8)), 1)
    assert memory.buffers == 4 * (2 * 4 + 1)


def really_saved(network: Network, images: int) -> int:
    """Bytes of the storages that autograd holds between forward and backward, weights and buffers left out."""
    module = to_torch(network).train()
    saved: dict[int, int] = {}
    alive = []  # or a new tensor might get the place of one that is gone

    def note(tensor: torch.Tensor) -> torch.Tensor:
        alive.append(tensor)
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        alive.append(module(torch.randn(images, *network.input.shape)))
    for tensor in (*module.parameters(), *module.buffers()):
        saved.pop(tensor.untyped_storage().data_ptr(), None)
    return sum(saved.values())


def beyond_the_count(network: Network, images: int) -> int:
    """The differences that `saved_bytes` documents."""
    total = 0
    for node in network.nodes:
        channels = node.output.channels
        if node.layer.name == "dropout":
            total += 3 * images * node.output.numel
        elif node.layer.name == "batch_norm":
            total += 8 * channels
        elif node.layer.name == "instance_norm":  # and its weights, once an image
            total += images * 12 * channels
        elif node.layer.name == "group_norm":
            total += images * 8 * node.layer.num_groups
    return total


@pytest.mark.parametrize("images", [1, 3])
@pytest.mark.parametrize(
    "network",
    [
        network_of("baseline"),
        network_of("lenet5"),
        network_of("vgg16", (3, 32, 32)),
        network_of("alexnet", (3, 64, 64)),
        network_of("nin"),
        network_of("resnet"),
        network_of("densenet", depth=10),
        network_of("densenet", depth=16, bottleneck=True, theta=0.5, drop=0.2),
        network_of("googlenet.net:googlenet_plain", (3, 64, 64)),
        network_of("googlenet.net:googlenet_main", (3, 64, 64)),
        network_of("squeezenet", (3, 64, 64)),
        network_of("C3-8 R U2 C3-3 tanh(scale=3)", (3, 16, 16)),
        network_of("residual(shortcut=pad) { C3-8 B R C3-8 } R mul { id | G F8 sigmoid } G F4 S", (4, 16, 16)),
        network_of("C3-4 I R C3-4 group_norm(2) L R", (3, 16, 16)),
        network_of("residual(drop_path=.3) { C3-4 silu C3-4 } layer_norm gelu A3/2s F4", (4, 16, 16)),
    ],
    ids=lambda network: f"{network.name}-{len(network.nodes)}" if isinstance(network, Network) else None,
)
def test_autograd_keeps_as_much_as_we_say(network: Network, images: int) -> None:
    assert really_saved(network, images) == images * saved_bytes(network) + beyond_the_count(network, images)
