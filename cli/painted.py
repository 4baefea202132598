"""What `netdsl stylize` says of what it painted, of its samples, and of a place it cannot write to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output

if TYPE_CHECKING:
    from netdsl.style.iterative.paint import Painted


def show_painted(made: "list[Painted]", captions: list[str], path: Path, as_json: bool) -> None:
    """`captions` say what each of a sweep's pictures was painted with."""
    if as_json:
        pictures = [
            {
                **({"caption": caption} if caption else {}),
                "size": list(one.picture.size),
                "content_loss": one.content,
                "style_loss": one.style,
                "tv_loss": one.variation,
                "sizes": list(one.plan.sizes),
                "steps": one.plan.steps,
                "precision": one.plan.precision,
                "seconds": one.seconds,
            }
            for one, caption in zip(made, captions, strict=True)
        ]
        output.write(json.dumps({"picture": str(path), "painted": pictures}, allow_nan=False) + "\n")
        return
    for one, caption in zip(made, captions, strict=True):
        losses = f"content {one.content:.4g}  style {one.style:.4g}  tv {one.variation:.4g}"
        said = f"with {caption}" if caption else f"each times its weight, after {one.plan.steps:,} steps"
        output.out.print(f"losses      {losses}, {said}", highlight=False, soft_wrap=True)
    output.out.print(f"picture     {path}", highlight=False, soft_wrap=True)


def show_styles(path: Path | None, as_json: bool) -> None:
    """The sample styles by name; with a `path` as a picture too, over what is there."""
    from netdsl.style.pictures.samples import STYLES

    if path is not None:
        from netdsl.atomic import written_beside
        from netdsl.style.pictures.sheet import sheet

        with written_beside(path) as beside:
            sheet([sample.paint() for sample in STYLES.values()], list(STYLES), 2).save(beside, "PNG")
        output.message(f"written: {path}")
    if as_json:
        output.write(json.dumps({name: sample.about for name, sample in STYLES.items()}) + "\n")
        return
    for name, sample in STYLES.items():
        output.out.print(f"{name:<12}{sample.about}", highlight=False)


def try_writing_beside(path: Path) -> None:
    """A folder that nothing can be written to is told before minutes of painting."""
    from netdsl.atomic import try_writing

    try:
        try_writing(path.absolute().parent)
    except OSError as error:  # the file that was tried is none that anybody asked for
        output.message(f"{path} cannot be written: {error.strerror or error}")
        raise typer.Exit(1) from error
