"""A network as stable text, a line a node: for golden files, and for looking at what a text became."""

from netdsl.ir.network import Network


def dump(network: Network) -> str:
    """`3 conv2 C3-64/2 (1) -> 64x16x16 params 1,792 macs 442,368`; then tags, output and totals."""
    lines = [f"net {network.name}" + "".join(f" {name}={value}" for name, value in network.settings.items())]
    for index, (node, counts) in enumerate(zip(network.nodes, network.counts, strict=True)):
        inputs = ", ".join(map(str, node.inputs))
        numbers = f" params {counts.params:,}" if counts.params else ""
        numbers += f" macs {counts.macs:,}" if counts.macs else ""
        bias = " no bias" if node.layer.weighted and getattr(node.layer, "bias", None) is False else ""
        filled_in = " filled in" if node.filled_in else ""
        lines.append(f"{index} {node.name} {node.layer.code} ({inputs}) -> {node.output}{numbers}{bias}{filled_in}")
    for name, tag in sorted(network.tags.items()):
        lines.append(f"@{name} {tag.node} [{tag.first}..{tag.last}]")
    lines.append(f"output {network.output_node}: {network.output}")
    lines.append(f"params {network.params:,} buffers {network.buffers:,} macs {network.macs:,} depth {network.depth}")
    return "\n".join(lines) + "\n"
