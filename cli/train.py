"""`netdsl train`."""

import os
import sys
from signal import SIGINT
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .options import (
    Settings,
    With,
    bytes_from,
    factors_from,
    folder_from,
    seconds_from,
    settings_from,
    share_from,
    word_from,
    words_from,
)
from .progress import Display, clock
from .rehearse import rehearse

if TYPE_CHECKING:
    from netdsl.tasks.train import TrainResult

STOPPED = 128  # a shell's exit code for a signal, before the signal's number
TRIES = ("dry_run", "overfit_batch", "find_lr")
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
            help="mnist, cifar10, cifar100, svhn, shapes, or folder:DIR with a sub-folder a class; with + (cifar10+) "
            "augmented, as the recipe of that name says.",
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
    init_from: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Begin with the weights of that run, .safetensors or .pt file, where they fit."
        ),
    ] = None,
    init_to: Annotated[
        str | None, typer.Option(metavar="@TAG", help="Take only the weights up to this tag or layer.")
    ] = None,
    init_part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART", help="Take only (or, with --init-to, also) those of this tag or layer; repeatable."
        ),
    ] = None,
    replace_head: Annotated[
        bool | None,
        typer.Option("--replace-head", help="As many outputs as the data has classes, their weights new."),
    ] = None,
    freeze_to: Annotated[
        str | None,
        typer.Option(metavar="@TAG", help="Leave all weights up to this tag or layer as they are; 'none' for none."),
    ] = None,
    lr_at: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=FACTOR", help="A part's learning rate: '@stage1=0.1'; repeatable, or several with commas."
        ),
    ] = None,
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
    recompute_norms: Annotated[
        bool | None,
        typer.Option("--recompute-norms", help="In the end, batch norm's statistics from all training images."),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Only these classes, by name or number, as classes 0, 1, ... of the net."),
    ] = None,
    valid_fraction: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Hold out so much of each class's training images, such as 0.1."),
    ] = None,
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
    tensorboard: Annotated[
        bool | None, typer.Option("--tensorboard", help="Write the epochs for TensorBoard too: netdsl[tensorboard].")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only one batch, end to end: shapes, times, memory. Writes nothing.")
    ] = False,
    overfit_batch: Annotated[
        bool, typer.Option("--overfit-batch", help="Only see whether the net can learn one batch by heart.")
    ] = False,
    find_lr: Annotated[
        bool, typer.Option("--find-lr", help="Only look for a learning rate, and draw lr-finder.png, here or in --out.")
    ] = False,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train a net on real images or on drawn shapes, and keep the run in a folder.

    What the options leave open is as in the net's recipe for the data, if it has one.

    Ctrl-C saves the run; `netdsl train --resume RUN` goes on with it to the same numbers.

    Example: netdsl train nets/baseline.net --data mnist --epochs 3
    """
    _check(**context.params)
    tries = [name for name in TRIES if context.params[name]]
    if len(tries) > 1:
        raise typer.BadParameter("one of --dry-run, --overfit-batch and --find-lr at a time", param_hint="--dry-run")
    precision = word_from(precision, ("auto", "fp32", "bf16"), "--precision")
    budget = bytes_from(memory_budget, "--memory-budget")
    every = None if save_every is None else seconds_from(save_every, "--save-every")
    if resume is not None:
        _alone(context)
    parameters = settings_from(settings or [])
    lines = settings_from(set_recipe or [], "--set-recipe", "epochs=5")
    factors = factors_from(lr_at or [], "--lr-at", "@stage1=0.1")
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
                init_from=folder_from(init_from, "--init-from"),
                init_to=init_to,
                init_parts=tuple(part.strip() for text in init_part or [] for part in text.split(",")),
                replace_head=replace_head,
                freeze_to=freeze_to,
                lr_at=factors,
                seed=seed,
                subset=subset,
                recompute_norms=recompute_norms,
                classes=words_from(classes, "--classes"),
                valid_fraction=share_from(valid_fraction, "--valid-fraction"),
                deterministic=deterministic,
                device=device,
                precision=precision,
                compile=compile_net,
                accumulate=accumulate,
                tensorboard=tensorboard,
                memory_budget=budget,
            )
            if tries:
                rehearse(tries[0], asked, display)
                return
            result = train(asked, display)
        except KeyboardInterrupt as stop:
            if display.plan is not None or os.environ.get("RANK", "0") == "0":
                display.say(display.stopped(bool(stop.args)))
            raise typer.Exit(STOPPED + (stop.args[0] if stop.args else SIGINT)) from None
    if os.environ.get("RANK", "0") == "0":  # the first of several processes speaks
        _show(result)


def _show(result: "TrainResult") -> None:
    last = result.epochs[-1]
    test = f"error  {last.test_error:.2%}" if last.test_error is not None else f"loss   {last.test_loss:.4f}"
    output.out.print(f"test {test} after epoch {last.epoch}", highlight=False)
    output.out.print(f"time        {clock(result.seconds)}", highlight=False)
    output.out.print(f"run         {result.run}", highlight=False, soft_wrap=True)
    output.out.print(f"next        netdsl eval {result.run}", highlight=False, soft_wrap=True)


def _check(**given: Any) -> None:
    """Options that make no sense by themselves or beside each other."""
    whole = given["config"] is not None or given["resume"] is not None
    if (given["init_to"] or given["init_part"]) and given["init_from"] is None and given["config"] is None:
        raise typer.BadParameter("says which weights are taken from --init-from", param_hint="--init-to, --init-part")
    if given["lr"] is not None and not 0 < given["lr"] < float("inf"):
        raise typer.BadParameter("a learning rate is above 0", param_hint="--lr")
    if given["valid_fraction"] is not None and not 0 < given["valid_fraction"] < 1:
        raise typer.BadParameter("a share is above 0 and below 1", param_hint="--valid-fraction")
    if given["net"] is None and not whole:
        raise typer.BadParameter("name a net, or a run to train again with --config", param_hint="NET")
    if given["data"] is None and not whole:
        raise typer.BadParameter("name the data, such as --data shapes", param_hint="--data")


def _alone(context: typer.Context) -> None:
    """A run goes on as it began: beside --resume nothing can be changed."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in BESIDE_RESUME and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"a run goes on as it began; leave `{name}` out", param_hint="--resume")
