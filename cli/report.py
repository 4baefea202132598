"""`netdsl report`."""

from pathlib import Path
from typing import Annotated

import typer

from . import output
from . import train_options as option
from .options import folder_from
from .progress import Display


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="The page; without it, report.html in the run.")
    ] = None,
    data_dir: option.DataDir = None,
    best: Annotated[
        bool, typer.Option("--best", help="The weights of the best epoch in place of the last one's.")
    ] = False,
    count: Annotated[int, typer.Option("-n", min=1, max=100, metavar="N", help="Images of a gallery at most.")] = 12,
    no_data: Annotated[bool, typer.Option("--no-data", help="Only what the run's folder says.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over the file of --out.")] = False,
) -> None:
    """A run as one HTML page: its architecture, curves and result, what it looks at and its worst mistakes.

    The page needs no network. What cannot be had, such as test images that are not at hand, is told on the page.

    Example: netdsl report runs/resnet-cifar10-1 -o report.html
    """
    page, data_folder = folder_from(out, "--out"), folder_from(data_dir, "--data-dir")
    with Display() as display:
        try:
            from netdsl.seeing.report.write import write_report

            written = write_report(run, page, data_folder, best, count, not no_data, force, display)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    if not no_data:
        for reason in dict.fromkeys(written.contents.missing.values()):
            output.message(f"left out: {reason}")
    kilobytes = written.path.stat().st_size / 1000
    output.out.print(f"written     {written.path}, {kilobytes:,.0f} kB", highlight=False, markup=False, soft_wrap=True)
