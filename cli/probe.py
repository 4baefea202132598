"""`netdsl probe`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from . import output
from . import train_options as option
from .options import folder_from
from .progress import Display


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="@TAG", help="A tag, or a layer's name; repeatable. Without it, at all tags."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Other images of the same size; else the run's own.")
    ] = None,
    data_dir: option.DataDir = None,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Every number of the map is a feature, not each channel's mean.")
    ] = False,
    decay: Annotated[float, typer.Option(metavar="NUMBER", help="Weight decay of the classifier, 0 or more.")] = 1e-4,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first N training images only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Train a linear classifier on a trained net's features, which stay as they are.

    How far it comes says what a part of the net has made of the images.

    Example: netdsl probe runs/resnet-cifar10-1 --at @stage1 --at @stage2 --at @stage3
    """
    if not 0 <= decay < float("inf"):
        raise typer.BadParameter("a weight decay is 0 or more", param_hint="--decay")
    data_folder = folder_from(data_dir, "--data-dir")
    with Display() as display:
        from netdsl.tasks.evaluation.probe import probe

        results = probe(run, at or (), data, data_folder, flatten, decay, subset, display)
    if as_json:
        from dataclasses import asdict

        output.write(json.dumps({"probes": [asdict(result) for result in results]}, allow_nan=False) + "\n")
        return
    first = results[0]
    output.out.print(f"net         {first.net}", highlight=False)
    images = f"{first.train_images:,} training and {first.test_images:,} test images"
    output.out.print(f"data        {first.data}, {images}", highlight=False)
    rows = [
        (r.at, f"{r.features:,}", f"{r.train_error:.2%}", f"{r.test_error:.2%}", f"{r.loss:.4f}", f"{r.steps}")
        for r in results
    ]
    output.table(["at", "features", "train error", "test error", "train loss", "steps"], rows)
