"""`netdsl convert`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .options import Input, Settings, With, folder_from, input_from, settings_from

if TYPE_CHECKING:
    from netdsl.seeing.convert import Conversion


def command(
    what: Annotated[
        str, typer.Argument(metavar="NET|RUN", help="A .net file, a bundled net, a net typed out, or a run's folder.")
    ],
    fully_convolutional: Annotated[
        bool,
        typer.Option("--fully-convolutional", help="A convolution for each fully connected layer."),
    ] = False,
    average: Annotated[
        bool, typer.Option("--average", help="End in the mean over the map: one score a class, whatever the size.")
    ] = False,
    weights: Annotated[
        str | None, typer.Option(metavar="FILE", help="The net's weights, .safetensors or .pt, to be converted too.")
    ] = None,
    settings: Settings = None,
    input_size: Input = None,
    with_rules: With = "",
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "--out", metavar="FILE|DIR", help="The new .net file, its weights beside it; of a run, a new folder."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """A net with fully connected layers in the form that takes larger images, and gives a map of scores for them.

    Example: netdsl convert vgg16 --fully-convolutional

    Example: netdsl convert runs/baseline-mnist-1 --fully-convolutional -o runs/baseline-conv
    """
    if not fully_convolutional:
        raise typer.BadParameter("say what to convert to: --fully-convolutional", param_hint="convert")
    place, weights_file = folder_from(out, "--out"), folder_from(weights, "--weights")
    is_run = (Path(what) / "config.yaml").is_file()
    if is_run and (weights_file or settings or input_size or with_rules):
        raise typer.BadParameter("a run has its own net and weights", param_hint="--weights, --set, --input, --with")
    if place is None and (is_run or weights_file is not None):
        raise typer.BadParameter("weights are written to a file: say where", param_hint="--out")
    if place is not None and not is_run and place.suffix != ".net":
        raise typer.BadParameter("a net's file ends in .net", param_hint="--out")
    given, parameters = input_from(input_size), settings_from(settings or [])
    from netdsl.seeing.convert import convert_net, convert_run

    if is_run:
        assert place is not None
        made = convert_run(Path(what), place, average)
    else:
        made = convert_net(what, parameters, given, with_rules, weights_file, average, place, force)
    if as_json:
        output.write(json.dumps(made.as_json(), allow_nan=False) + "\n")
    elif place is None:
        output.write(made.convolved.text)
    else:
        _show(made)


def _show(made: "Conversion") -> None:
    convolved = made.convolved
    sizes = convolved.anywhere.open_sizes
    assert sizes is not None
    said = [
        f"net         {convolved.name}, {convolved.after.params:,} parameters as before",
        f"takes       {'x'.join(map(str, (convolved.before.input.channels, *sizes.rules)))}, {sizes.conditions}",
        f"gives       {' x '.join(f'({n})' if ' ' in str(n) else str(n) for n in sizes.output)}",
    ]
    if made.difference is not None:
        image = convolved.before.input
        said.append(f"difference  {made.difference:.1e} of the largest score, on noise of {image}")
    for path in made.written:
        said.append(f"written     {path}")
    for line in said:
        output.out.print(line, highlight=False, markup=False, soft_wrap=True)
