"""Which output of a net gives the classes: its own, or that of a head."""

from dataclasses import dataclass
from typing import NoReturn

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.layers.attributes import nearest
from netdsl.recipes.losses import LABEL


@dataclass(frozen=True, slots=True)
class ClassOutput:
    """The node whose tensor has one number a class: before the softmax, where the net ends in one."""

    node: int
    classes: int
    head: str | None = None


def class_output(network: Network, head: str | None = None) -> ClassOutput:
    """That of the named head; without a name the net's own, or the first head with classes that it ends in.

    Errors: DiagnosticsError with NET603 for a net or head that gives no classes, or a head that is not there
    """
    if head is None:
        ends = network.final_heads or (None,)
        found = next((name for name in ends if name is None or _labels(network, name)), None)
        head = found if network.final_heads else None
        if network.final_heads and head is None:
            _no_classes(network, f"heads for {', '.join(network.heads[n].target for n in network.final_heads)}")
    elif head not in network.heads:
        close = nearest(head, list(network.heads))
        fail(
            "NET603",
            f"`{network.name}` has no head `{head}`",
            expected=", ".join(network.heads) or "no --head: this net has none",
            found=head,
            note=f"did you mean `{close}`?" if close else "",
        )
    end = network.output_node if head is None else network.heads[head].node
    output = network.nodes[end].output
    if output.numel != output.channels or (head is not None and not _labels(network, head)):
        _no_classes(network, f"{output}" if head is None else f"the head `{head}`, of {output}")
    while network.nodes[end].layer.name == "softmax":
        end = network.nodes[end].inputs[0]
    return ClassOutput(end, output.channels, head)


def _labels(network: Network, head: str) -> bool:
    return network.heads[head].target == LABEL


def _no_classes(network: Network, found: str) -> NoReturn:
    fail(
        "NET603",
        f"`{network.name}` gives no classes",
        expected="an output with one number a class",
        found=found,
        note="pictures of what a net looks at are pictures of what speaks for a class",
    )
