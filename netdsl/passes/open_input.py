"""An input whose sizes are left open, `3xHxW`: what cannot be worked out without them."""

from collections.abc import Callable

from netdsl.diagnostics import Diagnostic, Edit
from netdsl.ir.network import Network
from netdsl.syntax import ast

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIZES = (dict.fromkeys(LETTERS, 256), dict.fromkeys(LETTERS, 320))


def open_input_problems(network: Network, net: ast.Net, larger: Callable[[], Network | None]) -> list[Diagnostic]:
    """NET310 for a linear layer that would have another size for each input, NET311 for an input without sizes.

    Needs:   the network at one size; `larger` lays it out at another
    """
    line = next((s for s in net.body.statements if isinstance(s, ast.Input)), None)
    if line is None or not isinstance(line.dims, ast.Dims):
        return []
    if not any(isinstance(part, ast.OpenSize) for part in line.dims.parts):
        return []
    other = larger()
    if other is not None and len(other.nodes) == len(network.nodes):
        for node, again in zip(network.nodes, other.nodes, strict=True):
            if node.layer.name == "linear" and node.x.numel != again.x.numel:
                return [
                    Diagnostic(
                        "NET310",
                        f"`{node.span.text}` needs a feature map of known size",
                        node.span,
                        expected="a known number of inputs: a fixed input, or a global pool before",
                        found=f"{node.x.channels} channels of a size that `{line.span.text}` leaves open",
                        help=f"write `G {node.span.text}`",
                        edits=(Edit(node.span, f"G {node.span.text}"),),
                    )
                ]
    return [
        Diagnostic(
            "NET311",
            "the size of the input is left open",
            line.dims.span,
            expected="numbers, or a size from outside",
            found=line.dims.span.text,
            note=f"on the command line: --input {network.input.channels}x256x256",
        )
    ]
