"""`netdsl prior`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .options import Settings as NetSettings
from .options import finite, picture_from, settings_from, word_from
from .prior_progress import PriorDisplay

if TYPE_CHECKING:
    from netdsl.style.prior.restore import Restored
    from netdsl.style.prior.settings import Settings

TASKS = ("denoise", "inpaint", "enlarge")
OUT = {"denoise": "denoised.png", "inpaint": "inpainted.png", "enlarge": "enlarged.png"}
FACTORS = (2, 16)
MOST = 2048
"""Pixels of a side, as in `netdsl.style.prior.settings`, which loads torch."""


def command(
    image: Annotated[str | None, typer.Argument(metavar="[IMAGE]", help="The picture to restore.")] = None,
    task: Annotated[
        str | None, typer.Option(metavar="denoise|inpaint|enlarge", help="What is wrong with it: denoise.")
    ] = None,
    mask: Annotated[
        str | None, typer.Option(metavar="FILE", help="White where the picture is to be filled in; for inpaint.")
    ] = None,
    factor: Annotated[
        int | None, typer.Option(metavar="N", help="How many times as wide and high: 2; for enlarge.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="A PNG; denoised.png and so on if left out.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(metavar="PIXELS", help="Longer side of the result; else the picture's own, up to 512.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(metavar="N", help="Steps: 400, for inpaint 600, for enlarge 1000.")
    ] = None,
    net: Annotated[str | None, typer.Option(metavar="NET", help="Another net than deep_image_prior with f=64.")] = None,
    settings: NetSettings = None,
    rate: Annotated[
        float | None, typer.Option(metavar="X", help="Learning rate of Adam: 0.01.", callback=finite)
    ] = None,
    jitter: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="New noise on the net's input at each step: 0.033, for denoise 0.", callback=finite
        ),
    ] = None,
    averaging: Annotated[
        float | None, typer.Option(metavar="X", help="How much of the mean of outputs stays: 0.99.", callback=finite)
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of weights and noise: 0.")] = None,
    precision: Annotated[str | None, typer.Option(metavar="bf16|fp32", help="What is fast here, if left out.")] = None,
    device: Annotated[str | None, typer.Option(metavar="DEVICE", help="cpu, cuda, mps.")] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The picture as it should be: tells how near it comes.")
    ] = None,
    like: Annotated[
        Path | None, typer.Option(metavar="PNG", help="The settings of an earlier result; others change them.")
    ] = None,
    save_every: Annotated[int | None, typer.Option(metavar="N", help="Also the picture after each N steps.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Restore one picture with a net fitted to it alone: Ulyanov et al. 2017, deep image prior. No data, no training.

    Example: netdsl prior noisy.png

    Example: netdsl prior scratched.png --task inpaint --mask scratches.png -o whole.png
    """
    numbers = {"--size": (size, 16, MOST), "--steps": (steps, 1, 1_000_000), "--factor": (factor, *FACTORS)}
    numbers["--save-every"] = (save_every, 1, 1_000_000)
    for option, (value, least, most) in numbers.items():
        if value is not None and not least <= value <= most:
            raise typer.BadParameter(f"a whole number from {least} to {most:,}", param_hint=option)
    for option, number, top in (("--rate", rate, 1.0), ("--jitter", jitter, 10.0), ("--averaging", averaging, 0.9999)):
        if number is not None and not 0 <= number <= top:
            raise typer.BadParameter(f"a number from 0 to {top:g}", param_hint=option)
    given: dict[str, Any] = {
        "image": image,
        "task": word_from(task, TASKS, "--task"),
        "mask": mask,
        "factor": factor,
        "size": size,
        "steps": steps,
        "net": net,
        "net_settings": settings_from(settings) if settings else None,
        "rate": rate,
        "jitter": jitter,
        "averaging": averaging,
        "seed": seed,
        "precision": word_from(precision, ("bf16", "fp32"), "--precision"),
    }
    chosen = _settings(like, {name: value for name, value in given.items() if value is not None})
    if chosen.task == "inpaint" and chosen.mask is None:
        raise typer.BadParameter("inpaint needs one: white where the picture is to be filled in", param_hint="--mask")
    if chosen.task != "inpaint" and mask is not None:
        raise typer.BadParameter("is for --task inpaint", param_hint="--mask")
    if chosen.task != "enlarge" and factor is not None:
        raise typer.BadParameter("is for --task enlarge", param_hint="--factor")
    path = picture_from(out) or Path(OUT[chosen.task])
    kept = {}
    if save_every is not None:
        steps_on_the_way = range(save_every, chosen.all_steps + 1, save_every)
        kept = {step: path.with_name(f"{path.stem}-{step:05}.png") for step in steps_on_the_way}
    from netdsl.seeing.written import check_new

    check_new([path, *kept.values()], force)
    _restore(chosen, path, kept, truth, device, as_json)


def _restore(
    settings: "Settings", path: Path, kept: dict[int, Path], truth: Path | None, device: str | None, as_json: bool
) -> None:
    from netdsl.style.prior.restore import restore
    from netdsl.style.prior.settings import save

    with PriorDisplay(kept, settings, save) as display, output.written_or_told(path):
        try:
            made = restore(settings, display, truth, device)
            save(made.picture, path, settings)
        except KeyboardInterrupt:
            display.write_unfinished(path, settings)
            raise typer.Exit(130) from None
    _show(made, settings, path, as_json)


def _show(made: "Restored", settings: "Settings", path: Path, as_json: bool) -> None:
    if as_json:
        facts = {
            "picture": str(path),
            "task": settings.task,
            "size": list(made.picture.size),
            "steps": made.plan.steps,
            "loss": made.loss,
            "psnr": _finite(made.psnr),
            "psnr_before": _finite(made.psnr_before),
            "precision": made.plan.precision,
            "seconds": made.seconds,
        }
        output.write(json.dumps(facts, allow_nan=False) + "\n")
        return
    output.fact("loss", f"{made.loss:.4g}, after {made.plan.steps:,} steps")
    if made.psnr is not None:
        where = " in the hole" if settings.task == "inpaint" else ""
        before = {"denoise": "the noisy picture", "inpaint": "what was in it", "enlarge": "bicubic"}[settings.task]
        output.fact("PSNR", f"{made.psnr:.2f} dB{where}; {before}: {made.psnr_before:.2f} dB")
    output.fact("picture", path)


def _finite(value: float | None) -> float | None:
    """JSON knows no infinity, which is what equal pictures have."""
    return value if value is not None and value < float("inf") else None


def _settings(like: Path | None, given: dict[str, Any]) -> "Settings":
    from netdsl.style.prior.settings import Settings, settings_of

    if like is not None:
        return replace(settings_of(like), **given)
    if "image" not in given:
        raise typer.BadParameter("name the picture, or an earlier result with --like", param_hint="IMAGE")
    return Settings(**given)
