"""Memory of one training step, from what backward needs of each layer."""

from netdsl.ir.network import Network
from netdsl.record import Record, record

FLOAT = 4  # bytes of a float32


@record
class Memory(Record):
    """Bytes of a training step in float32. Workspaces of the convolution library are not in it.

    The textbook chapter gives 93 MB an image for VGG-16, which fits no count we know: its layers have 15,087,080
    outputs, 60.3 MB; see docs/decisions.md.
    """

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
    """Bytes kept for backward, for one image: a tensor counts once, however many layers need it."""
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
