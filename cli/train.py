"""`netdsl train`."""

import os
import sys
from collections.abc import Sequence
from signal import SIGINT
from typing import TYPE_CHECKING, Any

import typer

from . import output
from . import train_options as option
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
    from netdsl.tasks.training.train import TrainResult

STOPPED = 128  # a shell's exit code for a signal, before the signal's number
TRIES = ("dry_run", "overfit_batch", "find_lr")
BESIDE_RESUME = {"resume", "data_dir", "save_every", "device", "devices"}


def command(
    context: typer.Context,
    net: option.NetOrNone = None,
    data: option.Data = None,
    data_dir: option.DataDir = None,
    epochs: option.Epochs = None,
    batch: option.Batch = None,
    lr: option.Rate = None,
    init_from: option.InitFrom = None,
    init_to: option.InitTo = None,
    init_part: option.InitPart = None,
    replace_head: option.ReplaceHead = None,
    freeze_to: option.FreezeTo = None,
    lr_at: option.RatesAt = None,
    set_recipe: option.SetRecipe = None,
    config: option.ConfigOf = None,
    seed: option.Seed = None,
    subset: option.Subset = None,
    recompute_norms: option.RecomputeNorms = None,
    classes: option.Classes = None,
    valid_fraction: option.ValidFraction = None,
    deterministic: option.Deterministic = None,
    device: option.Device = None,
    precision: option.Precision = None,
    compile_net: option.CompileNet = None,
    memory_budget: option.MemoryBudget = None,
    accumulate: option.Accumulate = None,
    resume: option.Resume = None,
    save_every: option.SaveEvery = None,
    devices: option.Devices = 1,
    out: option.Out = None,
    tensorboard: option.Tensorboard = None,
    dry_run: option.DryRun = False,
    overfit_batch: option.OverfitBatch = False,
    find_lr: option.FindLr = False,
    style: option.Styles = None,
    add_style: option.AddStyles = None,
    style_size: option.StyleSize = None,
    loss_weights: option.LossWeights = None,
    settings: Settings = None,
    with_rules: With = "",
) -> None:
    """Train a net on real images or on drawn shapes, and keep the run in a folder.

    What the options leave open is as in the net's recipe for the data, if it has one.

    Ctrl-C saves the run; `netdsl train --resume RUN` goes on with it to the same numbers.

    Example: netdsl train nets/baseline.net --data mnist --epochs 3

    Example: netdsl train nets/pastiche.net --style starry.jpg --style wave.jpg --data folder:PHOTOS
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
        from netdsl.tasks.engine.launch import is_one_of_several, launch

        if not is_one_of_several():
            raise typer.Exit(launch(devices, sys.argv[1:]))
    with Display() as display:
        try:
            from netdsl.style.fast.train import Wanted, paints, prepared
            from netdsl.tasks.setup.config import TrainConfig
            from netdsl.tasks.training.purpose import LABELS
            from netdsl.tasks.training.train import train

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
            purpose = LABELS
            if style or add_style or paints(asked.resume or asked.config):
                wanted = Wanted(tuple(style or []), tuple(add_style or []), style_size, loss_weights)
                asked, purpose = prepared(asked, wanted, display)
            if tries:
                rehearse(tries[0], asked, display, purpose)
                return
            result = train(asked, display, purpose)
        except KeyboardInterrupt as stop:
            if display.plan is not None or os.environ.get("RANK", "0") == "0":
                display.say(display.stopped(bool(stop.args)))
            raise typer.Exit(STOPPED + (stop.args[0] if stop.args else SIGINT)) from None
    if os.environ.get("RANK", "0") == "0":  # the first of several processes speaks
        _show(result, display, asked.styles)


def _show(result: "TrainResult", display: Display, styles: Sequence[str]) -> None:
    last, best = result.epochs[-1], result.best
    if display.plan is not None and last.epoch < display.plan.method.epochs:
        display.say(f"ended early: no lower error on the held-out images since epoch {best.epoch}")
    test = f"error  {last.test_error:.2%}" if last.test_error is not None else f"loss   {last.test_loss:.4f}"
    output.out.print(f"test {test} after epoch {last.epoch}", highlight=False)
    if best.valid_error is not None and best.test_error is not None:
        held_out = f"{best.valid_error:.2%} on the held-out images, {best.test_error:.2%} on the test images"
        output.out.print(f"best        {held_out}, in epoch {best.epoch}", highlight=False, soft_wrap=True)
    output.out.print(f"time        {clock(result.seconds)}", highlight=False)
    output.out.print(f"run         {result.run}", highlight=False, soft_wrap=True)
    following = f"eval {result.run}"
    if last.test_error is None and styles:
        following = f"stylize PHOTO --model {result.run}" + (" --style all" if len(styles) > 1 else "")
    output.out.print(f"next        netdsl {following}", highlight=False, soft_wrap=True)


def _check(**given: Any) -> None:
    """Options that make no sense by themselves or beside each other."""
    whole = given["config"] is not None or given["resume"] is not None
    if (given["init_to"] or given["init_part"]) and given["init_from"] is None and given["config"] is None:
        raise typer.BadParameter("says which weights are taken from --init-from", param_hint="--init-to, --init-part")
    if given["lr"] is not None and not 0 < given["lr"] < float("inf"):
        raise typer.BadParameter("a learning rate is above 0", param_hint="--lr")
    if given["valid_fraction"] is not None and not 0 < given["valid_fraction"] < 1:
        raise typer.BadParameter("a share is above 0 and below 1", param_hint="--valid-fraction")
    if given["style"] and given["add_style"]:
        raise typer.BadParameter("learns all styles anew, --add-style keeps those of a run", param_hint="--style")
    if given["add_style"] and given["init_from"] is None:
        raise typer.BadParameter("name the run that learned the others: --init-from RUN", param_hint="--add-style")
    painting = given["style"] or given["add_style"] or whole
    if not painting and (given["style_size"] is not None or given["loss_weights"] is not None):
        raise typer.BadParameter("is for nets that paint, with --style", param_hint="--style-size, --loss-weights")
    whole = whole or bool(given["add_style"])
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
