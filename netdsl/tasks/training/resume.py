"""A run that was stopped or killed goes on to the numbers it would have come to."""

from pathlib import Path
from typing import Any

import torch

from netdsl.data import Dataset, Normalization, Say
from netdsl.diagnostics import fail
from netdsl.tasks.runs.run_folder import RESULT, read_config
from netdsl.tasks.runs.state_file import read_state
from netdsl.tasks.training.state import restore
from netdsl.tasks.training.training import Training


def take_up(run: Path, training: Training, say: Say) -> None:
    """Put the newest whole state of the run into a training that is built as the run was.

    A run that was killed before its first save starts again from its beginning, which comes to the same.
    """
    state, complaints = read_state(run)
    for complaint in complaints:
        say(f"{complaint}; going on from the state before it")
    if state is None:
        say(f"{run} was not saved yet; starting from its beginning")
        return
    restore(training, state)
    within = f", batch {training.batch:,} of {training.in_epoch:,}" if training.batch else ""
    say(f"going on in epoch {training.epoch}{within}")


def check_incomplete(run: Path) -> None:
    """Reports NET559 for a run that has nothing left to do, NET552 for a folder that is none."""
    read_config(run)
    if (run / RESULT).exists():
        fail(
            "NET559",
            f"the run in `{run}` is complete",
            expected="a run that was stopped from outside",
            found=f"{RESULT}, which is written behind the last epoch, or where `early_stop` ended it",
            note=f"train on from its weights with --init-from {run}, or again with --config {run}",
        )


def check_same_data(run: Path, data: Dataset, normalization: Normalization, say: Say) -> None:
    """Reports NET558 when there are other images than the run had; says when the sums may round differently."""
    config = read_config(run)
    kept = config.get("data")
    kept = kept if isinstance(kept, dict) else {}
    held_out = 0 if data.valid_images is None else len(data.valid_images)
    counts = {
        "train_images": len(data.train_images),
        "valid_images": held_out,
        "test_images": len(data.test_images),
    }
    for what, have in counts.items():
        if kept.get(what, 0) != have:
            fail(
                "NET558",
                f"the data is not that of `{run}`",
                expected=f"{kept.get(what)} {what.replace('_', ' ')}, as config.yaml says",
                found=f"{have}",
                note="give the folder that the run was trained with, by --data-dir",
            )
    for what, numbers in (("mean", normalization.mean), ("std", normalization.std)):
        if kept.get(what) != list(numbers):
            fail(
                "NET558",
                f"the images are not those of `{run}`",
                expected=f"{what} {kept.get(what)}, as config.yaml says",
                found=f"{list(numbers)}",
                note="put back the files that the run was trained with, or give their folder by --data-dir",
            )
    threads: Any = config.get("threads")
    if isinstance(threads, int) and 0 < threads != torch.get_num_threads():
        torch.set_num_threads(threads)  # sums are split among threads: another number rounds in another way
    versions = config.get("versions")
    if isinstance(versions, dict) and versions.get("torch") != str(torch.__version__):
        say(f"the run began with torch {versions.get('torch')}, this is {torch.__version__}: last digits may differ")
