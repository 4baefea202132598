"""`netdsl eval`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .options import folder_from
from .progress import Display


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder with the data files; else $NETDSL_DATA, else they are downloaded once."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Try a trained net on the test images: how many it gets wrong.

    Example: netdsl eval runs/baseline-mnist-1 --json
    """
    data_folder = folder_from(data_dir, "--data-dir")
    with Display() as display:
        try:
            from netdsl.tasks.evaluate import evaluate

            result = evaluate(run, data_folder, display)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    if as_json:
        from dataclasses import asdict

        output.write(json.dumps(asdict(result), allow_nan=False) + "\n")
        return
    output.out.print(f"net         {result.net}", highlight=False)
    output.out.print(f"data        {result.data}, {result.images:,} {result.split} images", highlight=False)
    if result.error is not None:
        output.out.print(f"test error  {result.error:.2%} ({result.wrong:,} wrong)", highlight=False)
    output.out.print(f"test loss   {result.loss:.4f}", highlight=False)
    if result.mean_iou is not None:
        output.out.print(f"mean IoU    {result.mean_iou:.4f}, of the boxes found and the true ones", highlight=False)
