"""`netdsl mistakes`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import looking, output
from . import train_options as option
from .eval import check_split
from .options import folder_from, word_from
from .progress import Display

if TYPE_CHECKING:
    from netdsl.seeing.mistakes import Mistaken


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Data with the run's classes. Without it, the run's own.")
    ] = None,
    data_dir: option.DataDir = None,
    split: Annotated[str, typer.Option(metavar="SPLIT", help="test, valid (held out) or train.")] = "test",
    number: Annotated[int, typer.Option("-n", min=1, max=120, metavar="N", help="So many mistakes.")] = 12,
    sample: Annotated[
        bool, typer.Option("--sample", help="Drawn at random from all mistakes, in place of the worst.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Of that draw.")] = 0,
    method: looking.Method = None,
    at: looking.At = None,
    signed: looking.Signed = False,
    best: looking.Best = False,
    out: Annotated[
        str | None,
        typer.Option("-o", "--out", metavar="FILE", help="The picture; else mistakes.png in the run's folder."),
    ] = None,
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """Draw what a net looked at where it was wrong: for the class that it answers, and for the true one.

    Example: netdsl mistakes runs/resnet-cifar10-1

    Example: netdsl mistakes runs/resnet-cifar10-1 --sample --seed 1 -n 24 -o some.png
    """
    check_split(split)
    word_from(method, looking.METHODS, "--method")
    data_folder, picture = folder_from(data_dir, "--data-dir"), folder_from(out, "--out")
    with Display() as display:
        from netdsl.seeing.looker import Method
        from netdsl.seeing.mistakes import find_mistakes
        from netdsl.seeing.mistakes_picture import draw
        from netdsl.seeing.tried import Tried
        from netdsl.seeing.written import check_new

        check_new([] if picture is None else [picture], force)
        tried = Tried(run, data, data_folder, split, best)
        found = find_mistakes(
            tried,
            Method(method or ("grad-cam" if at else "cam"), at, signed),
            number,
            seed if sample else None,
            display,
        )
        drawn = draw(found, picture)
    if as_json:
        output.write(json.dumps(found.as_json(drawn), allow_nan=False) + "\n")
        return
    _show(found)
    if drawn is not None:
        output.out.print(f"picture     {drawn}", highlight=False, soft_wrap=True)


def _show(found: "Mistaken") -> None:
    output.out.print(f"net         {found.net}", highlight=False)
    output.out.print(f"data        {found.data}, {found.images:,} {found.split} images", highlight=False)
    output.out.print(f"mistakes    {found.wrong:,} ({found.wrong / found.images:.2%})", highlight=False)
    if not found.seen:
        return
    output.out.print(f"maps        {found.method} at {found.place}", highlight=False)
    rows = [
        [
            f"{each.mistake.number:,}",
            each.mistake.true,
            f"{each.mistake.probabilities[each.mistake.true]:.1%}",
            each.mistake.predicted,
            f"{each.mistake.probabilities[each.mistake.predicted]:.1%}",
            f"{each.mistake.loss:.2f}",
        ]
        for each in found.seen
    ]
    output.table(["image", "is", "probability", "taken for", "probability", "loss"], rows, left=(1, 3))
