"""`--replace-head`: the net with as many outputs as there are classes, and the layers that are new for that."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.ir.network import Network
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.setup.fit import CLASS_PARAMETERS

BIASES = ("", "b", "n")  # how the text may have written it, which a rule's left side must repeat


def last_layers(network: Network) -> frozenset[int]:
    """The last nodes with weights before each output, heads included. Errors: NET571 where one has none of its own."""
    outputs = {head.node for head in network.heads.values()}
    return frozenset(_last(network, node) for node in (*outputs, network.output_node))


def replace_head(
    source: NetSource, network: Network, classes: int, asked: Mapping[str, Any]
) -> tuple[NetSource, Network, frozenset[str]]:
    """The net for so many classes, and its layers that begin anew, by name.

    A parameter `classes` or `num_classes` is set, unless the user set it (`asked`); else a rule makes a variant in
    which only the last layers differ. Errors: NET571 where neither can be
    """
    parameter = next((name for name in CLASS_PARAMETERS if name in network.settings), None)
    if parameter is not None:
        source = replace(source, settings={**source.settings, parameter: asked.get(parameter, classes)})
        network = source.compile()
    elif network.output.numel != classes:
        source, network = _rewritten(source, network, classes)
    return source, network, frozenset(network.module_name(node) for node in last_layers(network))


def _rewritten(source: NetSource, network: Network, classes: int) -> tuple[NetSource, Network]:
    last = last_layers(network)
    layers = {network.nodes[node].layer for node in last}
    if len(layers) > 1:
        raise _refused(network, "its heads end in different layers")
    (layer,) = layers
    field = next((name for name in ("out_features", "out_channels") if hasattr(layer, name)), None)
    if field is None:
        raise _refused(network, f"`{layer.code}` has no number of outputs")
    wanted = replace(layer, **{field: classes}).code
    for bias in BIASES:
        rule = f"{layer.code}{bias} -> {wanted}{bias}"
        changed = replace(source, with_rules="; ".join(filter(None, (source.with_rules, rule))))
        try:
            found = changed.compile()
        except DiagnosticsError:  # this rule is none for such a layer; the next may be
            continue
        if _differing(network, found) == last:
            return changed, found
    raise _refused(network, f"a rule for `{layer.code}` would change more than the last layer")


def _differing(one: Network, other: Network) -> frozenset[int]:
    """The places whose layers differ; all where the nets have different lengths."""
    if len(one.nodes) != len(other.nodes):
        return frozenset(range(len(one.nodes)))
    pairs = zip(one.nodes, other.nodes, strict=True)
    return frozenset(i for i, (a, b) in enumerate(pairs) if a.layer != b.layer)


def _last(network: Network, index: int) -> int:
    while not network.nodes[index].layer.weighted:
        inputs = network.nodes[index].inputs
        if len(inputs) != 1:
            raise _refused(network, f"`{network.nodes[index].name}` comes after it")
        index = inputs[0]
    return index


def _refused(network: Network, why: str) -> DiagnosticsError:
    message = f"the net `{network.name}` has no last layer that can be replaced alone"
    diagnostic = Diagnostic(
        "NET571",
        message,
        expected="a parameter `classes`, or a last layer such as `F10` with its own number of outputs",
        found=why,
        note="write the net with a parameter: `net x(classes = 10) { ... F{classes} }`",
    )
    return DiagnosticsError([diagnostic])
