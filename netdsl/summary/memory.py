"""Memory of one training step, from what backward needs of each layer.

Three counts, for VGG-16 and one image of 224x224 in float32 (a MB is 10^6 bytes):

- The outputs of convolutions, pools and fully connected layers, ReLU and dropout in place: 15,087,080 numbers, 60.3 MB.
  The textbook chapter gives 93 MB, which fits none of these counts.
- `activation_bytes`, the outputs of all layers, ReLU and dropout too, as torch makes them: 114.6 MB.
- `saved_bytes`, what torch keeps for backward: 73.2 MB. A tensor counts once, however many layers need it; a ReLU keeps
  its output, which the next convolution keeps as its input; the output of a convolution is freed.
"""

from netdsl.ir.network import Network
from netdsl.record import Record, record

FLOAT = 4  # bytes of a float32


@record
class Memory(Record):
    """Bytes of a training step in float32. Workspaces of the convolution library are not in it."""

    batch: int
    parameters: int
    gradients: int
    optimizer: int
    """SGD with momentum: one number for each parameter."""
    buffers: int
    activations: int
    """What is kept for backward: each tensor once, masks and the places of maxima."""

    @property
    def total(self) -> int:
        return self.parameters + self.gradients + self.optimizer + self.buffers + self.activations


def training_memory(network: Network, batch: int) -> Memory:
    """The memory of a step on `batch` images."""
    params = FLOAT * network.params
    return Memory(batch, params, params, params, FLOAT * network.buffers, batch * saved_bytes(network))


def saved_bytes(network: Network) -> int:
    """Bytes kept for backward, for one image: a tensor counts once, however many layers need it.

    What torch keeps beyond these: the means and deviations that a norm works out, 8 bytes a channel (in batch norm
    once for all images); on a CPU, dropout's masks as float32, 4 bytes a number where a GPU has the 1 counted here.
    """
    nodes = network.nodes
    kept: set[int] = set()
    scratch = 0
    for index, node in enumerate(nodes):
        if node.layer.saves_input:
            kept.update(node.inputs)
        if node.layer.saves_output:
            kept.add(index)
        scratch += node.layer.scratch_bytes(node.x)
    return sum(FLOAT * nodes[index].output.numel for index in kept) + scratch


def activation_bytes(network: Network) -> int:
    """Bytes of all outputs of layers, for one image; the input is not among them."""
    return sum(FLOAT * node.output.numel for node in network.nodes[1:])
