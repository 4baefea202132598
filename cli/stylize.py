"""`netdsl stylize`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import picture_from, word_from
from .painted import show_styles, try_writing_beside
from .stylize_asked import Asked
from .stylize_fit import paint_fitted
from .stylize_model import paint_with_model
from .stylize_options import axes_from, layers_from, styles_from

if TYPE_CHECKING:
    from netdsl.style.iterative.settings import Settings

OUT = "stylized.png"
BESIDE_MODEL = {
    "content",
    "style",
    "out",
    "size",
    "between",
    "precision",
    "device",
    "force",
    "as_json",
    "model",
    "tile",
    "smooth",
}
MOST = 16384
"""Pixels of a side; what fits into memory is told by then."""


def command(
    context: typer.Context,
    content: Annotated[
        str | None,
        typer.Argument(
            metavar="[CONTENT]",
            help="What to paint; left out, a scene of the package's own. With --model also a folder or a film.",
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option("--style", metavar="FILE[:WEIGHT]", help="A picture of the style, or a sample; repeatable."),
    ] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FILE", help="A PNG; stylized.png if left out.")
    ] = None,
    size: Annotated[int | None, typer.Option(metavar="PIXELS", help="Longer side of the result: 512.")] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="Steps at each size from coarse to fine: 100.")] = None,
    style_size: Annotated[
        int | None,
        typer.Option(metavar="PIXELS", help="Longer side of the styles: small for fine strokes, large for broad."),
    ] = None,
    style_weight: Annotated[float | None, typer.Option(metavar="X", help="How much the style counts: 5.")] = None,
    content_weight: Annotated[float | None, typer.Option(metavar="X", help="How much the content counts: 1.")] = None,
    tv_weight: Annotated[
        float | None, typer.Option(metavar="X", help="How smooth it shall be (total variation): 3.")
    ] = None,
    style_layers: Annotated[
        list[str] | None,
        typer.Option("--style-layer", metavar="LAYER[=W]", help="In place of conv1_1 ... conv5_1; repeatable."),
    ] = None,
    content_layers: Annotated[
        list[str] | None, typer.Option("--content-layer", metavar="LAYER[=W]", help="In place of conv4_2; repeatable.")
    ] = None,
    init: Annotated[
        str | None, typer.Option(metavar="content|noise|FILE", help="What the picture begins with: content.")
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(metavar="lbfgs|adam", help="How the picture is fitted: lbfgs.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(metavar="X", help="Learning rate: 1 for L-BFGS, 4 (of 255) for Adam.")
    ] = None,
    coarse: Annotated[
        bool | None, typer.Option("--coarse/--no-coarse", help="Begin small, or at the full size.")
    ] = None,
    tile: Annotated[
        int | None,
        typer.Option(metavar="PIXELS", help="Look at pictures larger than this tile by tile: less memory."),
    ] = None,
    keep_colors: Annotated[
        str | None,
        typer.Option(
            metavar="luminance|match", help="Keep the content's colours: paint light only, or match the style's."
        ),
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option("--mask", metavar="FILE", help="Where a style goes (white); one for each --style, in order."),
    ] = None,
    texture: Annotated[bool, typer.Option("--texture", help="No content: the style's texture from noise.")] = False,
    reconstruct: Annotated[
        str | None, typer.Option(metavar="LAYER", help="No style: the content from this layer's features and noise.")
    ] = None,
    plain: Annotated[
        bool | None, typer.Option("--plain-losses/--relative-losses", help="The equations' own numbers.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Of the noise.")] = None,
    save_every: Annotated[
        int | None, typer.Option(metavar="N", help="Also write the picture after every N steps.")
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option("--sweep", metavar="NAME=A,B,...", help="A contact sheet over a setting; twice: a table."),
    ] = None,
    loss_weights: Annotated[
        str | None,
        typer.Option(metavar="FILE|torchvision", help="Weights of the loss network, in place of those installed."),
    ] = None,
    precision: Annotated[
        str | None, typer.Option(metavar="bf16|fp32", help="Of the features; the faster, if left out.")
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="cpu, cuda, cuda:1, mps.")] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Paint in one pass, with the net of a run of `train --style`."),
    ] = None,
    between: Annotated[
        str | None, typer.Option(metavar="A,B", help="With --model: a row of mixtures of two styles.")
    ] = None,
    smooth: Annotated[
        float | None,
        typer.Option(metavar="X", help="With --model and a film: this share of what stands still stays. Less flicker."),
    ] = None,
    like: Annotated[Path | None, typer.Option(metavar="PNG", help="Take the settings of a painted picture.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    list_styles: Annotated[
        bool, typer.Option("--list-styles", help="Show the sample styles, with -o as a picture too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Paint a picture in the style of others: Gatys et al. 2016, the thesis's section 5.3.

    With --model a trained net paints it in one pass: in a style, a mixture of some, or each of them (--style all).

    CONTENT may be a folder then, or a film, which ffmpeg reads and writes.

    Example: netdsl stylize photo.jpg --style starry.jpg

    Example: netdsl stylize photo.jpg --style a.jpg:2 --style b.jpg --keep-colors luminance -o both.png

    Example: netdsl stylize photo.jpg --model RUN --style wave:0.7,scream:0.3

    Example: netdsl stylize film.mp4 --model RUN --smooth 0.7 -o painted.mp4
    """
    if list_styles:
        listed = picture_from(out)
        _refuse_to_overwrite([listed] if listed is not None else [], force)
        show_styles(listed, as_json)
        return
    numbers = {"--size": (size, 1, MOST), "--style-size": (style_size, 1, MOST), "--steps": (steps, 1, 100_000)}
    numbers |= {"--save-every": (save_every, 1, 100_000), "--tile": (tile, 64, MOST)}
    for option, (value, least, most) in numbers.items():
        if value is not None and not least <= value <= most:
            raise typer.BadParameter(f"a whole number from {least} to {most:,}", param_hint=option)
    for option, weight in (
        ("--style-weight", style_weight),
        ("--content-weight", content_weight),
        ("--tv-weight", tv_weight),
        ("--rate", rate),
    ):
        if weight is not None and not 0 <= weight < float("inf"):
            raise typer.BadParameter("a number from 0", param_hint=option)
    if texture and reconstruct:
        raise typer.BadParameter(
            "leaves out the style, --texture the content: nothing is left", param_hint="--reconstruct"
        )
    if model is not None:
        _alone(context)
        precision = word_from(precision, ("bf16", "fp32"), "--precision")
        asked = Asked(Path(model), content, style or [], between, out, size, tile, smooth, device, precision, as_json)
        paint_with_model(asked, lambda paths: _refuse_to_overwrite(paths, force))
        return
    path = picture_from(out) or Path(OUT)
    _without_model(between, smooth)
    axes = axes_from(sweep or [])
    given: dict[str, Any] = {
        "content": content,
        "styles": styles_from(style or [], mask or []),
        "size": size,
        "style_size": style_size,
        "steps": steps,
        "coarse": coarse,
        "content_weight": 0.0 if texture else content_weight,
        "style_weight": 0.0 if reconstruct else style_weight,
        "tv_weight": tv_weight,
        "content_layers": {reconstruct: 1.0} if reconstruct else layers_from(content_layers, "--content-layer"),
        "style_layers": layers_from(style_layers, "--style-layer"),
        "relative": None if plain is None else not plain,
        "init": init or ("noise" if texture or reconstruct else None),
        "optimizer": word_from(optimizer, ("lbfgs", "adam"), "--optimizer"),
        "rate": rate or None,
        "keep_colors": word_from(keep_colors, ("luminance", "match"), "--keep-colors"),
        "seed": seed,
        "precision": word_from(precision, ("bf16", "fp32"), "--precision"),
        "loss_weights": loss_weights,
        "tile": tile,
    }
    settings = _settings(like, {name: value for name, value in given.items() if value not in (None, ())})
    if not settings.styles and not reconstruct and settings.style_weight:
        raise typer.BadParameter("name a picture, or a sample of --list-styles", param_hint="--style")
    kept = _kept(path, save_every, settings, bool(axes))
    _refuse_to_overwrite([path, *kept.values()], force)
    try_writing_beside(path)
    paint_fitted(settings, axes, path, kept, device, as_json)


def _alone(context: typer.Context) -> None:
    """Beside --model nothing is fitted, so most options have no meaning."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if name not in BESIDE_MODEL and source is not None and source.name == "COMMANDLINE":
            option = "--" + name.replace("_", "-")
            raise typer.BadParameter("is for painting without a trained net: leave it out", param_hint=option)


def _without_model(between: str | None, smooth: float | None) -> None:
    if between is not None:
        raise typer.BadParameter("needs a net that has learned both styles: --model RUN", param_hint="--between")
    if smooth is not None:
        raise typer.BadParameter("is for a film, which a trained net paints: --model RUN", param_hint="--smooth")


def _settings(like: Path | None, given: dict[str, Any]) -> "Settings":
    from netdsl.style.iterative.settings import Settings, settings_of

    return replace(Settings() if like is None else settings_of(like), **given)


def _kept(path: Path, every: int | None, settings: "Settings", sweeping: bool) -> dict[int, Path]:
    """Where the picture goes after which step (of all sizes together)."""
    if every is None:
        return {}
    if sweeping:
        raise typer.BadParameter("is for one picture, not for a --sweep", param_hint="--save-every")
    from netdsl.style.iterative.plan import sizes_of

    steps = settings.steps * len(sizes_of(settings))
    return {step: path.with_name(f"{path.stem}-{step:05}.png") for step in range(every, steps + 1, every)}


def _refuse_to_overwrite(paths: list[Path], force: bool) -> None:
    there = [path for path in paths if path.exists()]
    if there and (not force or there[0].is_dir()):
        from netdsl.diagnostics import fail

        fail(
            "NET652",
            f"`{there[0]}` is there already" + (f", and {len(there) - 1:,} more" if len(there) > 1 else ""),
            expected="a new name after -o",
            found="a folder" if there[0].is_dir() else "a file that would be lost",
            note="--force writes over it" if not there[0].is_dir() else "name a file that ends in .png",
        )
