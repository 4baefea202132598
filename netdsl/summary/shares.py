"""Where a network's parameters and activations are: shares of its parts."""

from netdsl.ir.network import Network
from netdsl.record import Record, record

MOST_PARTS = 8


@record
class Share(Record):
    """A part's share of all parameters and of all activations (outputs of layers), as fractions."""

    part: str
    params: float
    activations: float


def shares(network: Network) -> list[Share]:
    """Shares by tagged or called part where the net has several, else by kind of layer; the largest first."""
    nodes = network.nodes
    tops = {node.name.partition(".")[0] for node in nodes if "." in node.name and not node.name.startswith("branch")}
    if not 2 <= len(tops) <= MOST_PARTS:
        tops = set()
    params: dict[str, int] = {}
    activations: dict[str, int] = {}
    for node, counts in zip(nodes[1:], network.counts[1:], strict=True):
        part = node.name.partition(".")[0]
        if part not in tops:
            part = node.layer.name
        params[part] = params.get(part, 0) + counts.params
        activations[part] = activations.get(part, 0) + node.output.numel
    all_params, all_activations = max(1, network.params), max(1, sum(activations.values()))
    found = [Share(part, params[part] / all_params, activations[part] / all_activations) for part in params]
    found.sort(key=lambda share: -max(share.params, share.activations))
    rest = found[MOST_PARTS:]
    if rest:
        other = Share("all other", sum(s.params for s in rest), sum(s.activations for s in rest))
        found = [*found[:MOST_PARTS], other]
    return found
