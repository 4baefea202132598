"""In which order a net's tensors lie in memory: channel by channel, or pixel by pixel with the channels last."""

from netdsl.ir.network import Network


def channels_last(network: Network) -> bool:
    """Do its maps have two axes, and does a convolution work on one? docs/decisions.md has what that rests on."""
    maps = [node for node in network.nodes if node.layer.name == "conv"]
    return bool(maps) and all(len(node.output.size) in (0, 2) for node in network.nodes)
