"""`netdsl reuse`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .options import Settings, With, folder_from, settings_from

if TYPE_CHECKING:
    from netdsl.seeing.reuse import Reuse


def command(
    what: Annotated[
        str, typer.Argument(metavar="RUN|NET", help="The folder of a run; or a net, whose weights --weights names.")
    ],
    weights: Annotated[
        str | None, typer.Option(metavar="FILE", help="The weights of a net, .safetensors or .pt.")
    ] = None,
    settings: Settings = None,
    with_rules: With = "",
    best: Annotated[
        bool, typer.Option("--best", help="The weights of a run's best epoch in place of the last one's.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="The picture, a PNG; without it, reuse.png.")
    ] = None,
    npy: Annotated[
        str | None, typer.Option(metavar="FILE", help="The numbers of every single map too: an .npz.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout; a picture only with -o.")] = False,
) -> None:
    """How much each layer of a dense block uses the maps of each earlier one: their mean squared weights.

    Example: netdsl reuse runs/densenet-cifar10-1 -o reuse.png
    """
    picture = folder_from(out, "--out") or (None if as_json else Path("reuse.png"))
    arrays, file = folder_from(npy, "--npy"), folder_from(weights, "--weights")
    parameters = settings_from(settings or [])
    from netdsl.seeing.reuse import open_net, reuse, save_arrays
    from netdsl.seeing.written import check_new
    from netdsl.tasks.runs.run_folder import whole

    paths = [path for path in (picture, arrays) if path is not None]
    check_new(paths, force)
    found = reuse(*open_net(what, file, parameters, with_rules, best))
    if picture is not None:
        from netdsl.seeing.reuse_picture import save_reuse

        with whole(picture, make_folder=True) as beside:
            save_reuse(found, beside)
    if arrays is not None:
        save_arrays(found, arrays)
    if as_json:
        output.write(json.dumps(found.as_json(), allow_nan=False) + "\n")
        return
    _show(found)
    for path in paths:
        output.out.print(f"written     {path}", highlight=False, markup=False, soft_wrap=True)


def _show(found: "Reuse") -> None:
    """For each block, what its layers take from the first source and from the one before them, on average."""
    rows = []
    for block in found.blocks:
        columns = [[v for v in column if v is not None] for column in zip(*block.scaled(), strict=True)]
        several = [column for column in columns if len(column) > 1]
        first, last = ([column[place] for column in several] for place in (0, -1))
        rows.append([block.name, f"{len(block.sources)}", f"{len(block.layers)}", _mean(first), _mean(last)])
    output.out.print(f"net         {found.net}", highlight=False)
    output.table(["block", "read", "by layers", "from the first", "from the last"], rows)


def _mean(values: list[float]) -> str:
    return f"{sum(values) / len(values):.2f}"
