"""`netdsl export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .options import Settings, With, folder_from, settings_from

if TYPE_CHECKING:
    from netdsl.style.export.export import Exported
    from netdsl.style.export.graph import Graph

ENDING = ".onnx"


def command(
    what: Annotated[str, typer.Argument(metavar="RUN|NET", help="The folder of a run, or a net.")],
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="An .onnx file; the net's name if left out.")
    ] = None,
    best: Annotated[
        bool, typer.Option("--best", help="A run's weights of its best epoch in place of the last one's.")
    ] = False,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A net's weights; random ones if left out.")
    ] = None,
    settings: Settings = None,
    with_rules: With = "",
    seed: Annotated[int, typer.Option(metavar="N", help="Of random weights.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Write a net as an ONNX file, tried against torch at two other sizes first. Needs the extra `onnx`.

    Of a net that paints, from pictures of 0 to 255 to pictures, of any size, with weights of its styles.

    Example: netdsl export runs/pastiche-photos-1 -o pastiche.onnx

    Example: netdsl export resnet_cifar --weights resnet.safetensors
    """
    is_run, path = _checked(what, out, {"--weights": weights, "--set": settings, "--with": with_rules}, best)
    from netdsl.seeing.written import check_new
    from netdsl.style.export.export import check_packages, export
    from netdsl.style.export.graph import graph_of_net, graph_of_run

    check_packages()
    graph = (
        graph_of_run(Path(what), best)
        if is_run
        else graph_of_net(what, settings_from(settings or []), with_rules, weights, seed)
    )
    path = path or Path(f"{graph.network.name}{ENDING}")
    check_new([path], force)
    _say("torch exports the net: half a minute or less, more for a deep one")
    if not is_run and weights is None:
        _say("its weights are random: --weights FILE takes others")
    with output.written_or_told(path):
        made = export(graph, path)
    _show(graph, made, as_json)


def _checked(what: str, out: str | None, of_net: dict[str, object], best: bool) -> tuple[bool, Path | None]:
    """Is it a run, and the file that is asked for."""
    path = folder_from(out, "--out")
    if path is not None and path.suffix.lower() != ENDING:
        raise typer.BadParameter(f"name it {path.with_suffix(ENDING)}", param_hint="--out")
    if path is not None and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}: make it first", param_hint="--out")
    run = Path(what)
    is_run = run.is_dir() or run.name == "config.yaml"
    for option, given in of_net.items():
        if is_run and given:
            raise typer.BadParameter("is for a net; a run has its own", param_hint=option)
    if best and not is_run:
        raise typer.BadParameter("is for a run", param_hint="--best")
    return is_run, path


def _show(graph: "Graph", made: "Exported", as_json: bool) -> None:
    if as_json:
        facts = {
            "model": str(made.path),
            "inputs": made.inputs,
            "outputs": made.outputs,
            "sizes": graph.sizes,
            **{name: json.loads(value) for name, value in graph.facts.items()},
            "difference": made.difference,
            "tried": made.tried,
            "opset": made.opset,
        }
        output.write(json.dumps(facts, allow_nan=False) + "\n")
        return
    for name, shape in made.inputs.items():
        output.fact("input", f"{name}  {_by(shape)}")
    for name, shape in made.outputs.items():
        output.fact("output", f"{name}  {_by(shape)}")
    output.fact("sizes", graph.sizes)
    for name, value in graph.facts.items():
        names = json.loads(value)
        output.fact(name, ", ".join(names) if len(names) <= 20 else f"{len(names):,}, named in the file")
    tried = " and ".join(map(_by, made.tried))
    output.fact("difference", f"{made.difference:.2g} at most between onnxruntime and torch, tried at {tried}")
    output.fact("model", f"{made.path}, opset {made.opset}")


def _say(message: str) -> None:
    output.err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)


def _by(shape: list[int | str] | list[int]) -> str:
    return " x ".join(map(str, shape))
