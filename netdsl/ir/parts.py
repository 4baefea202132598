"""Parts of a laid-out net by their names: where a tensor comes from, and which nodes stand under a name."""

from collections.abc import Iterable, Mapping

from netdsl.diagnostics import Diagnostic, DiagnosticsError, Span
from netdsl.ir.network import Network
from netdsl.layers.attributes import nearest


def tensor_at(network: Network, name: str, span: Span | None = None) -> int:
    """The node whose output a name means: that of a tag (`@stage1` or `stage1`), else the node of that name.

    Errors: DiagnosticsError with NET209
    """
    plain = name.removeprefix("@")
    if plain in network.tags:
        return network.tags[plain].node
    index = _nodes_by_name(network).get(plain)
    if index is None:
        raise DiagnosticsError([unknown_part(network.name, plain, known_tensors([network]), span)])
    return index


def part(network: Network, name: str, span: Span | None = None) -> frozenset[int]:
    """The nodes that a name covers: those within a tag, a node, or all whose names go on behind it (`stage1.unit2`).

    Errors: DiagnosticsError with NET209
    """
    plain = name.removeprefix("@")
    if plain in network.tags:
        tag = network.tags[plain]
        return frozenset(range(tag.first, tag.last + 1))
    found = frozenset(i for i, node in enumerate(network.nodes) if _under(node.name, plain))
    if not found:
        raise DiagnosticsError([unknown_part(network.name, plain, known_parts([network]), span)])
    return found


def upstream(network: Network, index: int) -> frozenset[int]:
    """All nodes that a node's output is computed from, itself included, and those whose weights they use."""
    seen: set[int] = set()
    waiting = [index]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            node = network.nodes[at]
            waiting += [*node.inputs, *(i for i in (node.tied_to, node.repeats) if i is not None)]
    return frozenset(seen)


def weighted(network: Network, nodes: Iterable[int]) -> list[int]:
    """Those of the nodes that have weights of their own, in their order."""
    return sorted(i for i in nodes if network.counts[i].params and network.nodes[i].repeats is None)


def known_tensors(networks: Iterable[Network]) -> list[str]:
    """What `tensor_at` knows, tags first and with their `@`."""
    every = list(networks)
    tags = [f"@{tag}" for network in every for tag in network.tags]
    return list(dict.fromkeys([*tags, *(node.name for network in every for node in network.nodes)]))


def known_parts(networks: Iterable[Network]) -> list[str]:
    """What `part` knows: the same, and the beginnings of dotted names."""
    every = known_tensors(networks)
    names = [name for name in every if not name.startswith("@")]
    starts = [".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 1)]
    return list(dict.fromkeys([*every, *starts]))


def unknown_part(net: str, name: str, known: Iterable[str], span: Span | None) -> Diagnostic:
    every = list(known)
    close = nearest(name, [text.removeprefix("@") for text in every])
    close = f"@{close}" if close and f"@{close}" in every else close
    tags = [text for text in every if text.startswith("@")]
    return Diagnostic(
        "NET209",
        f"there is no tag or node `{name}` in `{net}`",
        span,
        expected="a tag, or a node's name as in the summary",
        found=name,
        note=f"did you mean `{close}`?" if close else "tags: " + (", ".join(tags) or "none"),
    )


def _under(name: str, start: str) -> bool:
    return name == start or name.startswith(f"{start}.")


def _nodes_by_name(network: Network) -> Mapping[str, int]:
    return {node.name: index for index, node in enumerate(network.nodes)}
