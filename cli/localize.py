"""`netdsl localize`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import looking, output
from . import train_options as option
from .eval import check_split
from .options import folder_from, share_from, word_from
from .progress import Display

if TYPE_CHECKING:
    from netdsl.seeing.localize import Localized

OF, BOXES = ("maximum", "range"), ("component", "smallest")

PIECES = {"component": "largest connected piece", "smallest": "smallest box around everything"}


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run, as `netdsl train` wrote it.")],
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Data with boxes: shapes. Without it, the run's own.")
    ] = None,
    data_dir: option.DataDir = None,
    split: Annotated[str, typer.Option(metavar="SPLIT", help="test, valid (held out) or train.")] = "test",
    method: looking.Method = None,
    at: looking.At = None,
    signed: looking.Signed = False,
    threshold: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Pixels from this share on are the object; else 0.5.")
    ] = None,
    of: Annotated[
        str, typer.Option("--of", metavar="maximum|range", help="What the threshold is a share of.")
    ] = "maximum",
    box: Annotated[
        str, typer.Option(metavar="component|smallest", help="Around the largest connected piece, or around all of it.")
    ] = "component",
    best: looking.Best = False,
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="Draw the threshold curve there.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw some images there, with their true and found boxes.")
    ] = None,
    number: Annotated[
        int, typer.Option("-n", min=1, max=600, metavar="N", help="So many, the first of the split.")
    ] = 24,
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """See how well the maps of a net find objects whose true boxes are known, though it was trained without boxes.

    Example: netdsl localize runs/tiny-shapes-1 --data shapes -o curve.png

    Example: netdsl localize runs/tiny-shapes-1 --method grad-cam --at @conv3 --json
    """
    check_split(split)
    word_from(method, looking.METHODS, "--method")
    word_from(of, OF, "--of")
    word_from(box, BOXES, "--box")
    share_from(threshold, "--threshold")
    data_folder, picture, images = (
        folder_from(text, name) for text, name in ((data_dir, "--data-dir"), (out, "--out"), (sheet, "--sheet"))
    )
    if picture is not None and picture == images:
        raise typer.BadParameter("the curve goes there: two pictures, two files", param_hint="--sheet")
    with Display() as display:
        from netdsl.seeing.localize import HALF, Cutting, localize
        from netdsl.seeing.localize_picture import draw
        from netdsl.seeing.looker import Method
        from netdsl.seeing.tried import Tried
        from netdsl.seeing.written import check_new

        check_new([place for place in (picture, images) if place is not None], force)
        cutting = Cutting(HALF if threshold is None else threshold, of, box)  # type: ignore[arg-type]
        tried = Tried(run, data, data_folder, split, best)
        found = localize(
            tried,
            Method(method or ("grad-cam" if at else "cam"), at, signed),
            cutting,
            0 if images is None else number,
            display,
        )
        drawn = draw(found, picture, images)
    if as_json:
        output.write(json.dumps(found.result.as_json(), allow_nan=False) + "\n")
        return
    _show(found)
    for path in drawn:
        output.out.print(f"picture     {path}", highlight=False, soft_wrap=True)


def _show(found: "Localized") -> None:
    result, cutting = found.result, found.cutting
    lines: list[tuple[str, Any]] = [
        ("net", found.net),
        ("data", f"{found.data}, {result.images:,} {found.split} images"),
        ("maps", f"{result.method} at {found.place}"),
        ("boxes", f"{PIECES[cutting.box]} from {cutting.threshold:g} of the {cutting.of} on"),
        ("pointing", f"{result.pointing:.1%} have the highest point of the map in the true box"),
        ("top-1 loc", f"{result.top1_loc:.1%} are classified rightly and found with IoU 0.5"),
        ("MaxBoxAcc", f"{result.max_box_acc:.1%}, with a threshold of {result.best.threshold:g}"),
        ("V2", f"{result.max_box_acc_v2:.1%}, the mean of the best of all pieces' boxes over three IoUs"),
    ]
    for name, text in lines:
        output.out.print(f"{name:<12}{text}", highlight=False, soft_wrap=True)
    rows = []
    for least, share in result.gt_known_loc.items():
        best = max(result.curve, key=lambda point: point.box_acc[least])
        pieces = max(result.curve, key=lambda point: point.box_acc_v2[least])
        rows.append(
            [
                f"IoU {least}",
                f"{share:.1%}",
                f"{best.box_acc[least]:.1%}",
                f"{best.threshold:g}",
                f"{pieces.box_acc_v2[least]:.1%}",
                f"{pieces.threshold:g}",
            ]
        )
    head = ["found with", "GT-known Loc", "best", "threshold", "best of all pieces", "threshold"]
    output.table(head, rows)
