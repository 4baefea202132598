"""`netdsl summarize`."""

from typing import TYPE_CHECKING, Annotated

import typer

from netdsl.compiler import Compilation, Pipeline

from . import output
from .options import Input, Net, Settings, With, input_from, settings_from

if TYPE_CHECKING:
    from netdsl.ir.network import Network


def command(
    net: Net,
    settings: Settings = None,
    input_size: Input = None,
    with_rules: With = "",
    batch: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Show the memory of a training step on N images.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How deep to show parts; without it, at most 40 rows.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare every row with torch's own counters.")] = False,
) -> None:
    """Shapes, parameters, MACs, depth and receptive field of a net, layer by layer.

    Example: netdsl summarize densenet --set depth=100,k=12 --batch 64

    Example: netdsl summarize 'CRCRPCRCRPCRCRPF10' --input 3x32x32
    """
    given, parameters = input_from(input_size), settings_from(settings or [])
    compilation = Pipeline.of(net).compile(settings=parameters, given=given, with_rules=with_rules)
    network = compilation.network
    if network is None:
        output.diagnostics(compilation.errors, to_stderr=True)
        raise typer.Exit(1)
    if as_json:
        _show_json(compilation, network, batch)
    else:
        from .table import show_summary

        show_summary(compilation, network, batch, depth)
        output.diagnostics([d for d in compilation.diagnostics if d.severity == "warning"], to_stderr=True)
    if verify:
        _verify(network)


def _show_json(compilation: Compilation, network: "Network", batch: int | None) -> None:
    import json

    from netdsl.summary.report import report

    output.write(json.dumps(report(network, compilation.source.name, compilation.claims, batch), indent=1) + "\n")


def _verify(network: "Network") -> None:
    from netdsl.lowering.compare import compare

    comparison = compare(network)
    for line in comparison.differences:
        output.message(line)
    output.message(comparison.verdict)
    if comparison.differences:
        raise typer.Exit(1)
