"""`netdsl train`."""

import os
import sys
from signal import SIGINT
from typing import Annotated

import typer

from . import output
from .options import Settings, With, bytes_from, folder_from, seconds_from, settings_from, word_from
from .progress import Display, clock

STOPPED = 128  # a shell's exit code for a signal, before the signal's number
BESIDE_RESUME = {"resume", "data_dir", "save_every", "devices"}


def command(
    context: typer.Context,
    net: Annotated[
        str | None,
        typer.Argument(help="A .net file, a bundled net, or a net typed out; with --config, else the run's own."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="mnist, cifar10 or shapes; with + (cifar10+) augmented, as the recipe of that name says.",
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder with the data files; else $NETDSL_DATA, else they are downloaded once."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Times through the training images.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, metavar="N", help="Images in a batch.")] = None,
    lr: Annotated[float | None, typer.Option(metavar="RATE", help="First learning rate.")] = None,
    set_recipe: Annotated[
        list[str] | None,
        typer.Option("--set-recipe", metavar="NAME=VALUE", help="A line of the recipe: 'schedule=cosine'; repeatable."),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Train as that run's config.yaml says; options given beside it win."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Equal seeds give equal weights.")
    ] = None,
    subset: Annotated[int | None, typer.Option(min=1, metavar="N", help="Train on the first N images only.")] = None,
    deterministic: Annotated[
        bool | None, typer.Option("--deterministic", help="Use no algorithm whose results differ from run to run.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="cpu, cuda, cuda:1, mps; else the fastest that is there.")
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(metavar="auto|fp32|bf16", help="Arithmetic of the net; auto is bf16 on a GPU that has it."),
    ] = None,
    compile_net: Annotated[
        bool | None, typer.Option("--compile", help="Through torch.compile: worth its minute in long runs.")
    ] = None,
    memory_budget: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Memory for a step, as 4GiB; to fit, parts of the net are computed twice."),
    ] = None,
    accumulate: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Compute a batch in N parts, for less memory.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with a run that was stopped or killed; no other option is needed."),
    ] = None,
    save_every: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Save within an epoch as well, so often: 30s, 10min (as it is), 2h."),
    ] = None,
    devices: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes of this machine that share every batch: one a GPU.")
    ] = 1,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder for the run; else the next free runs/NET-DATA-N.")
    ] = None,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train a net on real images or on drawn shapes, and keep the run in a folder.

    What the options leave open is as in the net's recipe for the data, if it has one.

    Ctrl-C saves the run; `netdsl train --resume RUN` goes on with it to the same numbers.

    Example: netdsl train nets/baseline.net --data mnist --epochs 3
    """
    if lr is not None and not 0 < lr < float("inf"):
        raise typer.BadParameter("a learning rate is above 0", param_hint="--lr")
    precision = word_from(precision, ("auto", "fp32", "bf16"), "--precision")
    budget = bytes_from(memory_budget, "--memory-budget")
    every = None if save_every is None else seconds_from(save_every, "--save-every")
    if resume is not None:
        _alone(context)
    elif net is None and config is None:
        raise typer.BadParameter("name a net, or a run to train again with --config", param_hint="NET")
    elif data is None and config is None:
        raise typer.BadParameter("name the data, such as --data shapes", param_hint="--data")
    parameters = settings_from(settings or [])
    lines = settings_from(set_recipe or [], "--set-recipe", "epochs=5")
    earlier, stopped = folder_from(config, "--config"), folder_from(resume, "--resume")
    data_folder, run_folder = folder_from(data_dir, "--data-dir"), folder_from(out, "--out")
    if devices > 1:
        from netdsl.tasks.launch import is_one_of_several, launch

        if not is_one_of_several():
            raise typer.Exit(launch(devices, sys.argv[1:]))
    with Display() as display:
        try:
            from netdsl.tasks.config import TrainConfig
            from netdsl.tasks.train import train

            asked = TrainConfig(
                net=net,
                data=data,
                settings=parameters,
                with_rules=with_rules,
                set_recipe=lines,
                config=earlier,
                resume=stopped,
                save_every=every,
                data_dir=data_folder,
                out=run_folder,
                epochs=epochs,
                batch=batch,
                lr=lr,
                seed=seed,
                subset=subset,
                deterministic=deterministic,
                device=device,
                precision=precision,
                compile=compile_net,
                accumulate=accumulate,
                memory_budget=budget,
            )
            result = train(asked, display)
        except KeyboardInterrupt as stop:
            if display.plan is not None or os.environ.get("RANK", "0") == "0":
                display.say(display.stopped(bool(stop.args)))
            raise typer.Exit(STOPPED + (stop.args[0] if stop.args else SIGINT)) from None
    if os.environ.get("RANK", "0") != "0":  # the first of several processes speaks
        return
    last = result.epochs[-1]
    output.out.print(f"test error  {last.test_error:.2%} after epoch {last.epoch}", highlight=False)
    output.out.print(f"time        {clock(result.seconds)}", highlight=False)
    output.out.print(f"run         {result.run}", highlight=False, soft_wrap=True)
    output.out.print(f"next        netdsl eval {result.run}", highlight=False, soft_wrap=True)


def _alone(context: typer.Context) -> None:
    """A run goes on as it began: beside --resume nothing can be changed."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in BESIDE_RESUME and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"a run goes on as it began; leave `{name}` out", param_hint="--resume")
