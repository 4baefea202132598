"""`netdsl eval`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .options import folder_from
from .progress import Display

SPLITS = ("test", "valid", "train")


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder with the data files; else $NETDSL_DATA, else they are downloaded once."
        ),
    ] = None,
    split: Annotated[
        str,
        typer.Option(metavar="SPLIT", help="test, valid (where images were held out) or train, without augmentation."),
    ] = "test",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Try a trained net on the test images, or on others: how many it gets wrong.

    Example: netdsl eval runs/baseline-mnist-1 --json
    """
    if split not in SPLITS:
        raise typer.BadParameter(f"one of {', '.join(SPLITS)}", param_hint="--split")
    data_folder = folder_from(data_dir, "--data-dir")
    with Display() as display:
        try:
            from netdsl.tasks.evaluate import evaluate

            result = evaluate(run, data_folder, display, split)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    if as_json:
        from dataclasses import asdict

        output.write(json.dumps(asdict(result), allow_nan=False) + "\n")
        return
    output.out.print(f"net         {result.net}", highlight=False)
    output.out.print(f"data        {result.data}, {result.images:,} {result.split} images", highlight=False)
    output.out.print(
        f"{result.split} error".ljust(12) + f"{result.error:.2%} ({result.wrong:,} wrong)", highlight=False
    )
    output.out.print(f"{result.split} loss".ljust(12) + f"{result.loss:.4f}", highlight=False)
