"""`netdsl stylize --model` on a folder of pictures, and on a film."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .options import folder_from
from .stylize_asked import OUT, Asked, Refuse
from .stylize_progress import Counted

if TYPE_CHECKING:
    from netdsl.style.pictures.folder import LeftOut


def paint_all(asked: Asked, folder: Path, wanted: dict[str, float], refuse: Refuse) -> None:
    """Every picture of a folder, under its own name. Exit code 1 where files are left out."""
    from netdsl.diagnostics import fail
    from netdsl.style.fast.paint import painted, weights_for
    from netdsl.style.pictures.folder import files_in, paint_folder, target

    out = folder_from(asked.out, "--out") or Path(OUT)
    if out.suffix and not out.is_dir():
        raise typer.BadParameter(f"the pictures of a folder go into a folder: name one, not {out}", param_hint="--out")
    files = files_in(folder, out)
    if not files:
        fail("NET651", f"`{folder}` has no pictures", expected="a folder with pictures in it", found="no files")
    _apart(folder, out, [target(path, folder, out) for path in files])
    refuse([target(path, folder, out) for path in files])
    net = asked.opened()
    weights_for(net, wanted)  # a style that is not there is told before anything is painted
    started = time.perf_counter()
    with output.written_or_told(out), Counted("picture") as counted:
        left = paint_folder(folder, out, files, lambda photo: painted(net, photo, wanted), asked.size, counted)
    _show_folder(asked, out, len(files) - len(left), left, time.perf_counter() - started)
    if left:
        raise typer.Exit(1)


def paint_frames(asked: Asked, path: Path, wanted: dict[str, float], refuse: Refuse) -> None:
    """A film, frame by frame."""
    from netdsl.style.fast.paint import weights_for
    from netdsl.style.films.film import FORMS, opened, paint_film
    from netdsl.style.films.flicker import Smooth

    out = folder_from(asked.out, "--out") or Path(f"{OUT}.mp4")
    if out.suffix.lower() not in FORMS:
        endings = ", ".join(FORMS)
        raise typer.BadParameter(f"films are written under names that end in {endings}", param_hint="--out")
    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}: make it first", param_hint="--out")
    refuse([out])
    film = opened(path, asked.size)
    net = asked.opened()
    weights = weights_for(net, wanted)
    smooth = Smooth(lambda frame: net(frame, weights).cpu(), asked.smooth or 0.0)
    started = time.perf_counter()
    with output.written_or_told(out), Counted("frame") as counted:
        frames = paint_film(film, out, smooth, counted)
    seconds = time.perf_counter() - started
    if asked.as_json:
        shown = {"film": str(out), "size": [film.width, film.height], "frames": frames, "rate": str(film.rate)}
        output.write(json.dumps({**shown, "seconds": seconds}) + "\n")
        return
    rate = f"{float(film.rate):.5g} frames a second"
    text = f"film        {out}, {film.width}x{film.height}, {frames:,} frames, {rate}"
    output.out.print(text, highlight=False, soft_wrap=True)


def _apart(folder: Path, out: Path, targets: list[Path]) -> None:
    """Not over the pictures themselves, --force or not, and not two into one file."""
    from netdsl.diagnostics import fail

    if out.resolve() == folder.resolve():
        fail("NET652", f"`{folder}` is painted into itself", expected="another folder after -o", found=str(out))
    twice, times = Counter(targets).most_common(1)[0]
    if times > 1:
        fail(
            "NET652",
            f"two files would become `{twice}`",
            expected="a name for each",
            found="the same name with and without .png",
        )


def _show_folder(asked: Asked, out: Path, painted: int, left: "list[LeftOut]", seconds: float) -> None:
    for each in left:
        output.message(f"left out: {each.path}: {each.reason}")
    if asked.as_json:
        refused = [{"file": str(each.path), "reason": each.reason} for each in left]
        shown = {"folder": str(out), "pictures": painted, "left_out": refused, "seconds": seconds}
        output.write(json.dumps(shown) + "\n")
        return
    output.out.print(f"folder      {out}, {painted:,} pictures", highlight=False, soft_wrap=True)
