"""`netdsl transfer`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from . import train_options as option
from .options import Net, Settings, With, folder_from, settings_from
from .progress import Display
from .train import STOPPED

if TYPE_CHECKING:
    from netdsl.tasks.experiments.transfer import Experiment
    from netdsl.tasks.experiments.treatments import TransferRow, TransferRun


def command(
    net: Net,
    data: Annotated[str, typer.Option(metavar="DATA", help="The name of a data set, as for `netdsl train`.")],
    split: Annotated[
        str,
        typer.Option(
            metavar="SPLIT",
            help="Classes of A and B: random, animals (against CIFAR-10's vehicles), vehicles, or cat,dog/ship,truck.",
        ),
    ] = "random",
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="@TAG", help="Cut the net behind this tag or layer; repeatable. Without it, at all tags."),
    ] = None,
    epochs: option.Epochs = None,
    batch: option.Batch = None,
    lr: option.Rate = None,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first N images of each half.")] = None,
    set_recipe: option.SetRecipe = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 2, metavar="N", help="Of the halves, the bases, and plus 1 of the rest.")
    ] = 0,
    deterministic: option.Deterministic = None,
    data_dir: option.DataDir = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder for the runs, else runs/transfer-NET-DATA-SPLIT.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train on some classes and see how well the layers do on others: AnB, BnB, AnB+ and BnB+ of Yosinski et al. 2014.

    The same command goes on where it was stopped; what is complete is not trained again.

    Example: netdsl transfer nets/resnet.net --data cifar10 --split animals
    """
    if lr is not None and not 0 < lr < float("inf"):
        raise typer.BadParameter("a learning rate is above 0", param_hint="--lr")
    from netdsl.tasks.experiments import transfer
    from netdsl.tasks.setup.config import TrainConfig

    base = TrainConfig(
        net=net,
        data=data,
        settings=settings_from(settings or []),
        with_rules=with_rules,
        set_recipe=settings_from(set_recipe or [], "--set-recipe", "epochs=5"),
        data_dir=folder_from(data_dir, "--data-dir"),
        epochs=epochs,
        batch=batch,
        lr=lr,
        seed=seed,
        subset=subset,
        deterministic=deterministic,
    )
    experiment = transfer.plan(base, split, at or (), folder_from(out, "--out"))
    transfer.keep_plan(base, experiment)
    rows = _train(experiment)
    picture = transfer.draw(experiment, rows)
    if as_json:
        output.write(json.dumps(_as_json(experiment, rows, str(picture))) + "\n")
        return
    _show(experiment, rows)
    output.fact("picture", picture)


def _train(experiment: "Experiment") -> "list[TransferRow]":
    from netdsl.tasks.experiments.transfer import carry_out

    current: list[Display] = []

    @contextmanager
    def watching(run: "TransferRun") -> Iterator[Display]:
        with Display() as display:
            current[:] = [display]
            number = experiment.runs.index(run) + 1
            place = f" at {run.at}" if run.at else ""
            display.say(f"run {number} of {len(experiment.runs)}: {run.treatment}{place}")
            yield display

    try:
        return list(carry_out(experiment, watching))
    except KeyboardInterrupt as stop:
        if current:
            current[0].say(current[0].stopped(bool(stop.args)))
        output.message("the same command goes on with the experiment")
        raise typer.Exit(STOPPED + (stop.args[0] if stop.args else SIGINT)) from None


def _show(experiment: "Experiment", rows: "list[TransferRow]") -> None:
    from netdsl.tasks.experiments.treatments import BASE_A, BASE_B, TREATMENTS

    errors = {(row.treatment, row.at): row.error for row in rows}
    for label, names in (("A", experiment.halves.a), ("B", experiment.halves.b)):
        output.out.print(f"{label:<12}{', '.join(names)}", highlight=False, soft_wrap=True)
    for base in (BASE_A, BASE_B):
        output.out.print(f"{base:<12}{errors[base, None]:.2%} test error", highlight=False)
    cells = [[at, *(f"{errors[treatment, at]:.2%}" for treatment in TREATMENTS)] for at in experiment.places]
    output.table(["test error", *TREATMENTS], cells)


def _as_json(experiment: "Experiment", rows: "list[TransferRow]", picture: str) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "net": experiment.net,
        "data": experiment.data,
        "a": list(experiment.halves.a),
        "b": list(experiment.halves.b),
        "folder": str(experiment.folder),
        "picture": picture,
        "runs": [asdict(row) for row in rows],
    }
