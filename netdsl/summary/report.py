"""A network as one JSON object: everything that the summary shows, row by row, unfolded."""

from collections.abc import Iterable
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from netdsl.ir.network import Network, Node
from netdsl.ir.sizes import OpenSizes
from netdsl.passes.open_sizes import open_shapes
from netdsl.passes.verify import CheckedClaim
from netdsl.summary.memory import FLOAT, activation_bytes, saved_bytes, training_memory
from netdsl.summary.rows import rule_text
from netdsl.summary.shares import shares


def report(
    network: Network, file: str, claims: Iterable[CheckedClaim] = (), batch: int | None = None
) -> dict[str, Any]:
    """The machine-readable summary; shapes are channels first without the batch."""
    nodes = network.nodes
    sizes = network.open_sizes
    shapes = [node.output.shape for node in nodes] if sizes is None else open_shapes(network)[0]
    layers = [
        {
            "name": node.name,
            "op": node.layer.name,
            "code": node.layer.code,
            "inputs": [nodes[i].name for i in node.inputs],
            "output": list(shape),
            "params": counts.params,
            "buffers": counts.buffers,
            "macs": counts.macs,
            "receptive_field": list(field.size),
            "jump": None if field.jump is None else [_number(j) for j in field.jump],
            "activation_bytes": FLOAT * node.output.numel,
            "line": node.span.line,
            "rule": None if node.rule is None else rule_text(node.rule),
            "weights_of": _weights_of(network, node),
        }
        for node, shape, counts, field in zip(nodes, shapes, network.counts, network.fields, strict=True)
    ]
    result = {
        "net": network.name,
        "file": file,
        "settings": {name: _plain(value) for name, value in network.settings.items()},
        "input": list(shapes[0]),
        "output": list(network.output.shape if sizes is None else sizes.output),
        "params": network.params,
        "buffers": network.buffers,
        "macs": network.macs,
        "depth": network.depth,
        "activation_bytes": activation_bytes(network),
        "saved_for_backward_bytes": saved_bytes(network),
        "layers": layers,
        "heads": {name: _head(network, name) for name in network.heads},
        "conditions": {name: {"values": nodes[i].output.channels} for name, i in network.conditions.items()},
        "shares": [asdict(share) for share in shares(network)],
        "claims": [asdict(claim) for claim in claims],
        "warnings": [w.as_json() for w in network.warnings],
    }
    if sizes is not None:
        result["open_sizes"] = _open_sizes(network, sizes)
    if batch is not None:
        from netdsl.planning.form import plain  # milliseconds that a report without a batch can do without
        from netdsl.planning.peak import peak_bytes

        memory = training_memory(network, batch)
        result["memory"] = {**asdict(memory), "total": memory.total, "peak": peak_bytes(plain(network), batch)}
    return result


def _weights_of(network: Network, node: Node) -> str | None:
    """The layer whose weights it uses: the first use of what is shared, or the convolution it is tied to."""
    owner = node.tied_to if node.repeats is None else node.repeats
    return None if owner is None else network.nodes[owner].name


def _head(network: Network, name: str) -> dict[str, Any]:
    head, counts = network.heads[name], network.head_counts(name)
    return {
        "output": list(network.nodes[head.node].output.shape),
        "params": counts.params,
        "macs": counts.macs,
        "weight": head.weight,
        "loss": head.loss,
        "target": head.target,
        "while_training": name not in network.final_heads,
    }


def _open_sizes(network: Network, sizes: OpenSizes) -> dict[str, Any]:
    """What the counts hold for, since a formula stands where a size is open."""
    return {
        "at": list(network.input.shape),
        "macs_per_pixel": None if sizes.macs_per_pixel is None else _number(sizes.macs_per_pixel),
        "conditions": sizes.conditions,
        "one_of": dict(sizes.one_of),
        "letters": {
            letter: {
                "least": rule.least,
                "step": rule.step,
                "remainders": list(rule.remainders),
                "also": list(rule.also),
                "same_size": sizes.same_size.get(letter),
            }
            for letter, rule in sizes.rules.items()
        },
    }


def _number(value: int | Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    return (
        [_plain(v) for v in value]
        if isinstance(value, tuple)
        else value
        if isinstance(value, int | str)
        else str(value)
    )
