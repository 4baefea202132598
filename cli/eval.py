"""`netdsl eval`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from . import train_options as option
from .options import folder_from, picture_from
from .progress import Display

if TYPE_CHECKING:
    from netdsl.tasks.evaluation.evaluate import EvalResult

CROPS = (0, 10, 144)
SHOWN = 20
"""So many classes at most have all their lines on the screen; of more, the worst."""
WORST = 10


SPLITS = ("test", "valid", "train")


def command(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, as `netdsl train` wrote them.")
    ],
    data_dir: option.DataDir = None,
    split: Annotated[
        str,
        typer.Option(metavar="SPLIT", help="test, valid (where images were held out) or train, without augmentation."),
    ] = "test",
    flip: Annotated[bool, typer.Option("--flip", help="Average over each image and its mirror.")] = False,
    crops: Annotated[
        int,
        typer.Option(
            metavar="10|144", show_default=False, help="Average over windows: AlexNet's 10 or GoogLeNet's 144."
        ),
    ] = 0,
    scales: Annotated[
        str | None,
        typer.Option(metavar="PIXELS,...", help="Average over the image resized to these shorter sides: 224,256,288."),
    ] = None,
    dense: Annotated[
        bool, typer.Option("--dense", help="Look at the whole image, whatever its size, as VGG's section 3.2 does.")
    ] = False,
    best: Annotated[
        bool, typer.Option("--best", help="The weights of the best epoch in place of the last one's.")
    ] = False,
    ensemble: Annotated[bool, typer.Option("--ensemble", help="Also the mean of the runs' probabilities.")] = False,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="Draw confusion.png into the run's folder: which classes are mixed up.")
    ] = False,
    out: Annotated[str | None, typer.Option("-o", "--out", metavar="FILE", help="Draw that picture there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Try trained nets on the test images: how many they get wrong, and which.

    Example: netdsl eval runs/baseline-mnist-1 --json

    Example: netdsl eval runs/resnet-cifar10-1 runs/resnet-cifar10-2 --flip --ensemble
    """
    check_split(split)
    sides = _sides(scales)
    if crops not in CROPS:
        raise typer.BadParameter("10 or 144", param_hint="--crops")
    if crops and (flip or dense):
        raise typer.BadParameter("crops have their mirrors, and windows of the net's own size", param_hint="--crops")
    if crops == CROPS[-1] and sides:
        raise typer.BadParameter("144 crops have sizes of their own", param_hint="--scales")
    if ensemble and len(runs) == 1:
        raise typer.BadParameter("name two runs or more", param_hint="--ensemble")
    if out is not None and len(runs) > 1 and not ensemble:
        raise typer.BadParameter("one picture is for one run, or for an --ensemble", param_hint="--out")
    data_folder, picture = folder_from(data_dir, "--data-dir"), picture_from(out)
    with Display() as display:
        try:
            from netdsl.tasks.evaluation.evaluate import draw_confusion, evaluate_all
            from netdsl.tasks.evaluation.views import Views

            views = Views(crops, flip, sides, dense)  # type: ignore[arg-type]
            results = evaluate_all(runs, data_folder, display, views, ensemble, best, split)
            drawn = draw_confusion(results[: len(runs)]) if confusion else []
            drawn += draw_confusion(results[-1:], picture) if picture is not None else []
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
    if as_json:
        output.write(json.dumps(_as_json(results, len(runs)), allow_nan=False) + "\n")
        return
    if len(results) == 1:
        _show(results[0])
    else:
        _compare(results)
    for path in drawn:
        output.out.print(f"picture     {path}", highlight=False, soft_wrap=True)


def check_split(split: str) -> None:
    if split not in SPLITS:
        raise typer.BadParameter(f"one of {', '.join(SPLITS)}", param_hint="--split")


def _as_json(results: "list[EvalResult]", runs: int) -> Any:
    if len(results) == 1:
        return results[0].as_json()
    mean = results[-1].as_json() if len(results) > runs else None
    return {"runs": [result.as_json() for result in results[:runs]], "ensemble": mean}


def _show(result: "EvalResult") -> None:
    found = result.answers
    output.out.print(f"net         {result.net}", highlight=False)
    output.out.print(f"data        {result.data}, {result.images:,} {result.split} images", highlight=False)
    if not result.views.plain:
        output.out.print(f"views       {result.views}", highlight=False)
    error, loss = f"{result.split} error".ljust(12), f"{result.split} loss".ljust(12)
    if found is None:
        output.out.print(f"{loss}{result.loss:.4f}", highlight=False)
        _show_boxes(result)
        return
    output.out.print(f"{error}{found.error:.2%} ({found.wrong:,} wrong)", highlight=False)
    if found.top5_error is not None:
        output.out.print(f"top-5       {found.top5_error:.2%} ({found.top5_wrong:,} wrong)", highlight=False)
    output.out.print(f"{loss}{result.loss:.4f}", highlight=False)
    _show_boxes(result)
    worst = sorted(found.classes, key=lambda each: -(each.error or 0))[:WORST]
    rows = [
        [
            each.name,
            f"{each.images:,}",
            f"{each.wrong:,}",
            "-" if each.error is None else f"{each.error:.2%}",
            f"{each.taken_for} ({each.taken:,})" if each.taken_for else "",
        ]
        for each in (found.classes if len(found.classes) <= SHOWN else worst)
    ]
    output.table(["class", "images", "wrong", "error", "taken for"], rows, left=(0, 4))
    if len(found.classes) > SHOWN:
        output.out.print(f"the {WORST} worst of {len(found.classes)} classes; --json has them all", highlight=False)


def _show_boxes(result: "EvalResult") -> None:
    if result.mean_iou is not None:
        output.out.print(f"mean IoU    {result.mean_iou:.4f}, of the boxes found and the true ones", highlight=False)


def _compare(results: "list[EvalResult]") -> None:
    top5 = any(result.answers is not None and result.answers.top5_error is not None for result in results)
    rows = []
    for result in results:
        best = None if result.answers is None else result.answers.top5_error
        fifth = ["-" if best is None else f"{best:.2%}"] if top5 else []
        rows.append(
            [
                result.run,
                result.net,
                result.data,
                "-" if result.wrong is None else f"{result.wrong:,}",
                "-" if result.error is None else f"{result.error:.2%}",
                *fifth,
                f"{result.loss:.4f}",
            ]
        )
    if not results[0].views.plain:
        output.out.print(f"views       {results[0].views}", highlight=False)
    head = ["run", "net", "data", "wrong", "error", *(["top-5"] if top5 else []), "loss"]
    output.table(head, rows, left=(0, 1, 2))


def _sides(text: str | None) -> tuple[int, ...]:
    if text is None:
        return ()
    sides = [part.strip() for part in text.split(",")]
    if not all(side.isdigit() and 1 <= int(side) <= 10_000 for side in sides):
        raise typer.BadParameter(f"`{text}` is not a list of pixels, such as 224,256,288", param_hint="--scales")
    return tuple(map(int, sides))
