"""`netdsl sweep`."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from . import train_options as option
from .options import Net, Settings, With, folder_from, parts, seconds_from, settings_from
from .progress import Display
from .train import STOPPED

if TYPE_CHECKING:
    from netdsl.tasks.experiments.sweep import Point
    from netdsl.tasks.experiments.sweep_table import SweepRow


def command(
    net: Net,
    data: Annotated[str, typer.Option(metavar="DATA", help="The name of a data set, as for `netdsl train`.")],
    grid: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=A,B,...",
            help="Values of a parameter of the net (n=3,5), or of a line of the recipe (recipe.lr=.1,.01); repeatable.",
        ),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Train each with these seeds; the table has their mean.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder for the runs, else sweeps/NET-DATA; its runs are gone on with."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only every N-th run from the I-th on: one part of N machines.")
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="Train nothing: the table of what is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train nothing: list the runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The table as one JSON object.")] = False,
    data_dir: option.DataDir = None,
    epochs: option.Epochs = None,
    batch: option.Batch = None,
    set_recipe: option.SetRecipe = None,
    subset: option.Subset = None,
    valid_fraction: option.ValidFraction = None,
    device: option.Device = None,
    precision: option.Precision = None,
    deterministic: option.Deterministic = None,
    save_every: option.SaveEvery = None,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train a net in many forms, one after the other, and print the table.

    The same command goes on where it was stopped. Other options hold for all runs.

    Example: netdsl sweep nets/resnet.net --data cifar10+ --grid n=3,5,7,9 --seeds 0,1,2

    Example: netdsl sweep nets/baseline.net --data mnist --grid recipe.lr=0.1,0.01 --shard 1/2
    """
    if valid_fraction is not None and not 0 < valid_fraction < 1:
        raise typer.BadParameter("a share is above 0 and below 1", param_hint="--valid-fraction")
    axes = _axes(grid or [])
    numbers = _numbers(seeds)
    part = _shard(shard)
    every = None if save_every is None else seconds_from(save_every, "--save-every")
    from netdsl.tasks.experiments import sweep
    from netdsl.tasks.experiments.sweep_table import table as table_of
    from netdsl.tasks.setup.config import TrainConfig

    base = TrainConfig(
        net=net,
        data=data,
        settings=settings_from(settings or []),
        with_rules=with_rules,
        set_recipe=settings_from(set_recipe or [], "--set-recipe", "epochs=5"),
        save_every=every,
        data_dir=folder_from(data_dir, "--data-dir"),
        epochs=epochs,
        batch=batch,
        subset=subset,
        valid_fraction=valid_fraction,
        device=device,
        precision=precision,
        deterministic=deterministic,
    )
    points = sweep.plan(base, axes, numbers, folder_from(out, "--out"))
    mine = sweep.shard(points, *part)
    if dry_run:
        _list(mine)
        return
    failed = 0
    if not table:
        sweep.keep_plan(base, points)
        failed = _train(mine)
    rows = table_of(points)
    if as_json:
        output.write(json.dumps({"rows": [_as_json(row) for row in rows]}) + "\n")
    else:
        _show(rows)
    if failed:
        raise typer.Exit(1)


def _train(points: "list[Point]") -> int:
    """The number of runs that failed, whose reasons are on stderr."""
    from netdsl.tasks.experiments.sweep import run

    current: list[Display] = []

    @contextmanager
    def watching(point: "Point") -> Iterator[Display]:
        with Display() as display:
            current[:] = [display]
            display.say(f"run {points.index(point) + 1} of {len(points)}: {point.label or point.net}")
            yield display

    failed = 0
    try:
        for outcome in run(points, watching):
            if outcome.busy:
                output.message(f"{outcome.point.path}: another process is training it")
            elif outcome.trouble is not None:
                failed += 1
                output.diagnostics(outcome.trouble.diagnostics, to_stderr=True)
    except KeyboardInterrupt as stop:
        if current:
            current[0].say(current[0].stopped(bool(stop.args)))
        output.message("the same command goes on with the sweep")
        raise typer.Exit(STOPPED + (stop.args[0] if stop.args else SIGINT)) from None
    return failed


def _list(points: "list[Point]") -> None:
    rows = []
    for point in points:
        run = point.read()
        done = 0 if run is None else len(run.epochs)
        state = "complete" if point.complete else f"{done} of {point.wanted} epochs"
        rows.append([str(point.path), point.label, str(point.depth), f"{point.params:,}", state])
    output.table(["run", "settings", "depth", "parameters", "done"], rows, left=(0, 1, 4))


def _show(rows: "list[SweepRow]") -> None:
    """Network, parameters, error: the columns of the papers' tables, and how far it is."""
    many = any(row.runs > 1 for row in rows)
    head = ["network", "parameters", "error %", *(["runs"] if many else []), "epochs"]
    cells = []
    for row in rows:
        runs = [f"{len(row.errors)} of {row.runs}"] if many else []
        cells.append([row.network, f"{row.params:,}", _error(row), *runs, _epochs(row)])
    output.table(head, cells)


def _epochs(row: "SweepRow") -> str:
    """Of one run once all are complete; before, of all together."""
    if len(row.errors) == row.runs:
        return f"{row.epochs_wanted // row.runs}"
    return f"{row.epochs_done} of {row.epochs_wanted}"


def _error(row: "SweepRow") -> str:
    if row.error is None:
        return "-"
    return f"{100 * row.error:.2f}" + (f" ± {100 * row.deviation:.2f}" if row.deviation is not None else "")


def _as_json(row: "SweepRow") -> dict[str, Any]:
    from dataclasses import asdict

    found = asdict(row) | {"place": dict(row.place), "error": row.error, "deviation": row.deviation}
    return {"network": row.network, **found}


def _axes(texts: list[str]) -> dict[str, list[str]]:
    axes: dict[str, list[str]] = {}
    for text in texts:
        name, equals, values = (piece.strip() for piece in text.partition("="))
        found = [value.strip() for value in parts(values)]
        if not equals or not name or not all(found):
            raise typer.BadParameter(f"`{text}` is not of the form NAME=A,B,..., such as n=3,5", param_hint="--grid")
        if name in axes or len(set(found)) < len(found):
            raise typer.BadParameter(f"`{text}` says something twice", param_hint="--grid")
        axes[name] = found
    return axes


def _numbers(text: str | None) -> list[int]:
    numbers = [] if text is None else [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"\d{1,9}", number) for number in numbers) or len(set(numbers)) < len(numbers):
        raise typer.BadParameter(f"`{text}` is not a list of different seeds, such as 0,1,2", param_hint="--seeds")
    return [int(number) for number in numbers]


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if not found or int(found[1]) > int(found[2]):
        raise typer.BadParameter(f"`{text}` is not a part of all, such as 1/4 or 4/4", param_hint="--shard")
    return int(found[1]), int(found[2])
