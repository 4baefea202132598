"""The styles of a run: their names, and their pictures, which the run's folder keeps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from netdsl.diagnostics import fail
from netdsl.style.pictures.sources import as_tensor, read, scaled, style_picture
from netdsl.tasks.runs.run_folder import CONFIG, RunFolder, read_config

FOLDER = "styles"
SIZE = 256
"""Pixels of a style's longer side, unless it is said otherwise: as large as the photographs of a training."""


@dataclass(frozen=True, slots=True)
class Styles:
    """Names and pictures by their numbers in the net; the last `new` of them are learned, or all."""

    names: tuple[str, ...]
    pictures: tuple[Image.Image, ...]
    new: int = 0

    def tensors(self) -> list[Any]:
        """Each 1 x 3 x height x width, from 0 to 255."""
        return [as_tensor(picture) for picture in self.pictures]

    def keep(self, folder: RunFolder) -> None:
        """Write the pictures into the run's folder."""
        with folder.guarded(FOLDER):
            (folder.path / FOLDER).mkdir(exist_ok=True)
        for number, (name, picture) in enumerate(zip(self.names, self.pictures, strict=True)):
            with folder.writing(f"{FOLDER}/{_file(number, name)}") as beside:
                picture.save(beside, "PNG")


def given(files: Sequence[str], size: int | None, taken: "Styles | None" = None) -> Styles:
    """Those of files and samples, behind those that a net has learned already.

    Errors: DiagnosticsError with NET650 and NET651 for what is no picture
    """
    names = list(taken.names) if taken is not None else []
    pictures = list(taken.pictures) if taken is not None else []
    for file in files:
        pictures.append(scaled(style_picture(file), size or SIZE))
        names.append(_free(re.sub(r"[^\w.-]+", "_", Path(file).stem), names))
    return Styles(tuple(names), tuple(pictures), len(files) if taken is not None else 0)


def kept(run: Path) -> Styles:
    """A run's. Errors: NET552 and NET553 for what is no run's folder, NET651 for a picture that is gone"""
    config = run_config(run)
    names = names_of(config)
    folder = run if run.is_dir() else run.parent
    if not names:
        fail(
            "NET672",
            f"the net of `{run}` does not paint",
            expected="a run of `netdsl train --style`",
            found=f"no styles in its {CONFIG}",
        )
    pictures = tuple(read(folder / FOLDER / _file(number, name), "RGB") for number, name in enumerate(names))
    new = config.get("new_styles")
    return Styles(names, pictures, new if type(new) is int else 0)


def names_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in a run's configuration; none where the run was for something else."""
    found = config.get("styles")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def run_config(run: Path) -> dict[str, Any]:
    """Of a run's folder, or of the config.yaml in it."""
    return read_config(run.parent, run.name) if run.is_file() else read_config(run)


def _file(number: int, name: str) -> str:
    return f"{number:02}-{name}.png"


def _free(name: str, taken: Sequence[str]) -> str:
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)
