"""`netdsl runs`."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output

if TYPE_CHECKING:
    from netdsl.tasks.runs.compare import RunLine

WIDE = 110
"""Columns from which on the list says when a run last changed."""


def command(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR | RUN RUN...]", help="A folder with runs, else `runs`; or two runs or more."),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="BY", help="name, net, data, params, epochs, last, best, seconds or when.")
    ] = "name",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the runs in a folder, or compare some: what differs in their settings, and in what came out.

    Example: netdsl runs --sort best

    Example: netdsl runs runs/baseline-mnist-1 runs/baseline-mnist-2
    """
    from netdsl.tasks.runs.compare import SORTS, list_runs

    if sort not in SORTS:
        raise typer.BadParameter(", ".join(SORTS), param_hint="--sort")
    if runs is not None and len(runs) > 1:
        _compare(runs, as_json)
        return
    folder = runs[0] if runs else Path("runs")
    lines, unreadable = list_runs(folder, sort)
    if as_json:
        from dataclasses import asdict

        output.write(json.dumps({"runs": [asdict(line) for line in lines]}) + "\n")
    elif lines:
        _list(lines)
    elif not unreadable:
        output.message(f"no runs in {folder}")
    for error in unreadable:
        output.diagnostics(error.diagnostics, to_stderr=True)
    if unreadable:
        raise typer.Exit(1)


def _list(lines: "list[RunLine]") -> None:
    wide = output.out.width >= WIDE
    head = ["run", "net", "data", "params", "epochs", "last", "best", "time", *(["changed"] if wide else [])]
    output.table(head, [_cells(line, wide) for line in lines], left=(0, 1, 2))


def _cells(line: "RunLine", wide: bool) -> list[str]:
    from .progress import clock

    best = "-" if line.best_error is None else f"{line.best_error:.2%} @{line.best_epoch}"
    when = [datetime.fromtimestamp(line.changed).astimezone().strftime("%Y-%m-%d %H:%M")] if wide else []
    return [
        line.run,
        line.net,
        line.data,
        "-" if line.params is None else f"{line.params:,}",
        _epochs(line, "/"),
        _last(line),
        best,
        clock(line.seconds),
        *when,
    ]


def _last(line: "RunLine") -> str:
    if line.last_error is not None:
        return f"{line.last_error:.2%}"
    return "-" if line.last_loss is None else f"loss {line.last_loss:.3g}"


def _epochs(line: "RunLine", of: str) -> str:
    """`3 early` of a run that ended itself before the epochs that it might have had."""
    if line.complete and line.wanted is not None and line.epochs < line.wanted:
        return f"{line.epochs} early"
    return f"{line.epochs}{of}{'?' if line.wanted is None else line.wanted}"


def _compare(paths: list[Path], as_json: bool) -> None:
    from netdsl.tasks.runs.compare import differing, read_runs, run_line
    from netdsl.tasks.runs.draw import short_names

    runs = read_runs(paths)
    lines, settings = [run_line(run) for run in runs], differing(runs)
    if as_json:
        from dataclasses import asdict

        output.write(json.dumps({"runs": [asdict(line) for line in lines], "differing": settings}) + "\n")
        return
    names = short_names(paths)
    results: dict[str, list[Any]] = {
        "epochs": [_epochs(line, " of ") for line in lines],
        "last test error": [_percent(line.last_error) for line in lines],
        "last test loss": ["-" if line.last_loss is None else f"{line.last_loss:.4g}" for line in lines],
        "best test error": [_percent(line.best_error, line.best_epoch) for line in lines],
        "last train error": [_percent(run.last.train_error) if run.last else "-" for run in runs],
        "seconds an epoch": [f"{line.seconds / line.epochs:.1f}" if line.epochs else "-" for line in lines],
    }
    left = tuple(range(len(runs) + 1))
    if settings:
        output.table(["setting", *names], [[name, *values] for name, values in settings.items()], left)
        output.write("\n")
    else:
        output.out.print("no setting differs", highlight=False)
    output.table(["result", *names], [[name, *values] for name, values in results.items()], left)


def _percent(error: float | None, epoch: int | None = None) -> str:
    if error is None:
        return "-"
    return f"{error:.2%}" + (f" in epoch {epoch}" if epoch else "")
