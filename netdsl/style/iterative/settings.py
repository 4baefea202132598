"""What a picture is painted with; written into the picture, and read from there again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from PIL import Image

from netdsl.style.pictures import made_with

FIELD = "netdsl"
"""The PNG's text field that holds the settings, as JSON."""
CONTENT_LAYERS = ("conv4_2",)
STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
KEEP = ("luminance", "match")
INITS = ("content", "noise")


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """A file or a sample's name, how much it counts, and the file of the region where it does."""

    name: str
    weight: float = 1.0
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a picture.

    content: a file; None for the package's own picture; without `content_weight` it gives only the form
    styles: none of them for a reconstruction from the content's features
    size: pixels of the longer side; style_size: the same of the style pictures, None for `size`
    steps: at each size of the row from coarse to fine; coarse: whether there is one
    content_layers, style_layers: a weight for each layer
    relative: weights of losses that are divided by the mean square of their target (objective.Terms)
    init: content, noise, or a file; keep_colors: luminance or match (colours.py)
    precision: bf16 or fp32; None for what the processor is fast in
    tile: pixels; sizes above it are looked at tile by tile (tiled.py)
    """

    content: str | None = None
    styles: tuple[StyleChoice, ...] = ()
    size: int = 512
    style_size: int | None = None
    steps: int = 100
    coarse: bool = True
    content_weight: float = 1.0
    style_weight: float = 5.0
    tv_weight: float = 3.0
    content_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(CONTENT_LAYERS, 1.0))
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STYLE_LAYERS, 1.0))
    relative: bool = True
    init: str = "content"
    optimizer: str = "lbfgs"
    rate: float | None = None
    keep_colors: str | None = None
    seed: int = 0
    precision: str | None = None
    loss_weights: str | None = None
    tile: int | None = None


def settings_of(path: Path) -> Settings:
    """Those that a painted PNG was made with.

    Errors: DiagnosticsError with NET658 for a file that has none
    """
    return made_with.settings_in(path, FIELD, _read, "stylize", "painted")


def save(picture: Image.Image, path: Path, settings: Settings) -> None:
    """Write a PNG with its settings, whole or not at all. Errors: OSError"""
    made_with.save(picture, path, FIELD, asdict(settings))


def _read(made: Any) -> Settings | None:
    styles = tuple(StyleChoice(**style) for style in made.pop("styles"))
    fits = all(_fits(name, value) for name, value in made.items())
    return replace(Settings(), **made, styles=styles) if fits else None


def _fits(name: str, value: object) -> bool:
    """Whether a setting of this version has the name, and values of that kind."""
    if name not in {each.name for each in fields(Settings)}:
        return False
    usual = getattr(Settings(), name)
    if usual is None:
        return value is None or isinstance(value, str | int | float)
    return isinstance(value, int | float if isinstance(usual, float) else type(usual))
