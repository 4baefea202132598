"""What `netdsl train` shows of --dry-run, --overfit-batch and --find-lr."""

from typing import TYPE_CHECKING

import typer

from . import output
from .progress import clock

if TYPE_CHECKING:
    from netdsl.tasks.setup.config import TrainConfig
    from netdsl.tasks.training.purpose import Purpose

    from .progress import Display


def rehearse(kind: str, asked: "TrainConfig", display: "Display", purpose: "Purpose") -> None:
    if asked.styles and kind != "dry_run":
        option = "--" + kind.replace("_", "-")
        raise typer.BadParameter("is for nets that tell classes apart; --dry-run is for all", param_hint=option)
    if kind == "dry_run":
        _dry_run(asked, display, purpose)
    else:
        {"overfit_batch": _overfit_batch, "find_lr": _find_lr}[kind](asked, display)


def _dry_run(asked: "TrainConfig", display: "Display", purpose: "Purpose") -> None:
    from netdsl.tasks.training.rehearsal import dry_run

    from .table import shown_bytes

    found = dry_run(asked, display, purpose)
    shapes = " -> ".join("x".join(map(str, shape)) for shape in (found.input, found.output))
    without = "" if found.peak == found.peak_plain else f"; {shown_bytes(found.peak_plain)} without the budget"
    _lines(
        {
            "net": found.net,
            "batch": shapes,
            "loss": f"{found.loss_before:.4f}, {found.loss_after:.4f} after a few steps on the same batch",
            "step": f"{_seconds(found.step)} for a batch, {found.batches:,} batches an epoch",
            "test": f"{_seconds(found.test)} after each epoch",
            "run": f"{clock(found.whole)} for {found.epochs:,} epochs of {_seconds(found.epoch)}",
            "memory": f"{shown_bytes(found.peak)} for a step at most, estimated{without}",
        }
    )


def _overfit_batch(asked: "TrainConfig", display: "Display") -> None:
    from netdsl.tasks.training.rehearsal import overfit_batch

    found = overfit_batch(asked, display)
    _lines(
        {
            "net": found.net,
            "by heart": f"{found.images:,} images after {found.steps:,} steps: it can learn",
            "loss": f"{found.first_loss:.4f} at first, {found.last_loss:.4f} at last",
        }
    )


def _find_lr(asked: "TrainConfig", display: "Display") -> None:
    from netdsl.tasks.training.rate_search import find_lr

    found = find_lr(asked, display)
    ran = "never ran away" if found.end is None else f"ran away at {found.end:.2g}"
    _lines(
        {
            "net": found.net,
            "loss": f"lowest at {found.lowest:.2g}, {ran}",
            "try": f"--lr {found.suggestion:g}",
            "picture": str(found.picture),
        }
    )


def _lines(found: dict[str, str]) -> None:
    for name, text in found.items():
        output.out.print(f"{name:<12}{text}", highlight=False, markup=False, soft_wrap=True)


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s" if seconds < 90 else clock(seconds)
