"""The weights of a net for its fully convolutional form: the same numbers, those of `F` as kernels."""

from collections.abc import Mapping

from torch import Tensor, nn

from netdsl.diagnostics import InternalError
from netdsl.ir.network import Network


def convolved_weights(before: Network, after: Network, module: nn.Module, form: nn.Module) -> dict[str, Tensor]:
    """The state of `module`, a net's, under the names and in the shapes of `form`, its convolutional form.

    Both nets are laid out from one text, so their layers with weights stand in one order. `F` reads a map channels
    first, then line by line, as a kernel is kept: (units, channels * height * width) becomes (units, channels, height,
    width).
    Source: the lecture on deep architectures, "Fully-Connected Layer to Convolutional"
    """
    ours, theirs = module.state_dict(), form.state_dict()
    sources, targets = _kept(before, ours), _kept(after, theirs)
    if len(sources) != len(targets):
        raise InternalError(f"{len(sources)} layers with weights became {len(targets)}")
    made: dict[str, Tensor] = {}
    for (source, names), (target, others) in zip(sources, targets, strict=True):
        for name, other in zip(names, others, strict=True):
            if name.removeprefix(source) != other.removeprefix(target):
                raise InternalError(f"`{name}` became `{other}`")
            made[other] = ours[name].reshape(theirs[other].shape)
    return made


def _kept(network: Network, state: Mapping[str, Tensor]) -> list[tuple[str, list[str]]]:
    """The layers with weights or buffers of their own, in order, with the names of their tensors."""
    found = []
    for node in network.nodes:
        names = [name for name in state if name.startswith(f"{node.name}.")] if node.repeats is None else []
        if names:
            found.append((node.name, names))
    return found
