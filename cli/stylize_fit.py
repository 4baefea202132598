"""`netdsl stylize` without a trained net: pictures are fitted, and a sweep's stand on a sheet."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .paint_progress import PaintDisplay
from .painted import show_painted

if TYPE_CHECKING:
    from netdsl.style.iterative.settings import Settings
    from netdsl.style.iterative.sweep import Axis


def paint_fitted(
    settings: "Settings", axes: "list[Axis]", path: Path, kept: dict[int, Path], device: str | None, as_json: bool
) -> None:
    """One picture, or with `axes` a sheet of one for each of their values. Ctrl-C leaves what there is."""
    from netdsl.style.iterative.paint import Painted, paint
    from netdsl.style.iterative.settings import save
    from netdsl.style.iterative.sweep import variations
    from netdsl.style.pictures.sheet import sheet

    cells = list(variations(settings, axes))
    captions = [caption for _, caption in cells]
    made: list[Painted] = []

    def written() -> None:
        pictures = [one.picture for one in made]
        whole = sheet(pictures, captions[: len(made)], len(axes[-1][1])) if axes else pictures[0]
        save(whole, path, settings)

    with PaintDisplay(kept, settings, save) as display, output.written_or_told(path):
        try:
            for number, (each, caption) in enumerate(cells, 1):
                if axes:
                    display.say(f"{number} of {len(cells)}: {caption}")
                made.append(paint(each, display, device))
            written()
        except KeyboardInterrupt:
            if not made:
                display.write_unfinished(path, cells[0][0])
            else:
                written()
                display.say(f"stopped: {path} has {len(made)} of {len(cells)} pictures")
            raise typer.Exit(130) from None
    show_painted(made, captions, path, as_json)
