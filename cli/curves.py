"""`netdsl curves`."""

from pathlib import Path
from typing import Annotated

import typer

from . import output
from .options import picture_from


def command(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, as `netdsl train` wrote them.")
    ],
    out: Annotated[str, typer.Option("-o", "--out", metavar="FILE", help="The picture, a PNG.")] = "curves.png",
) -> None:
    """Draw several runs into one picture: error, loss and learning rate; training dashed, tests in full lines.

    Example: netdsl curves runs/dropout runs/no-dropout -o dropout.png
    """
    picture = picture_from(out)
    assert picture is not None
    from netdsl.tasks.runs.draw import draw

    draw(runs, picture)
    output.fact("picture", picture)
