"""What a picture is restored with; written into the result, and read from there again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from PIL import Image

from netdsl.style.pictures import made_with

FIELD = "netdsl prior"
"""The PNG's text field that holds the settings, as JSON."""
TASKS = ("denoise", "inpaint", "enlarge")
STEPS = {"denoise": 400, "inpaint": 600, "enlarge": 1000}
"""Where the mean of the outputs was best, or nearly so: docs/style.md has what was measured."""
JITTER = {"denoise": 0.0, "inpaint": 1 / 30, "enlarge": 1 / 30}
"""The noise of the paper takes longer. Without it holes are filled with what the net had there by chance, and what is
enlarged has a grain that reducing takes away."""
NET, NET_SETTINGS = "deep_image_prior.net", {"f": "64"}
"""The paper's hourglass with half its channels: it takes a third of the time, and was ahead after any given time."""
LARGEST = 512
"""Pixels of the result's longer side where no size is asked for: four times as many take four times as long."""
MOST = 2048
"""Pixels of a result's side: a step of the bundled net takes 16 GB in bfloat16 there, 32 GB in float32."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides a restored picture.

    mask: a file, white where the picture is to be filled in; for inpainting only
    factor: how many times as wide and high an enlarged picture becomes
    size: pixels of the result's longer side; None for the picture's own, up to `LARGEST`, and for `factor` times its
        own when enlarging
    steps: None for the task's own number; rate: Adam's learning rate
    net: None for `NET` with `NET_SETTINGS`; net_settings: parameters of the net
    jitter: standard deviation of the normal noise that is added to the net's input anew at each step; None
        for the task's own
    averaging: how much of the mean of the outputs stays at each step; 0 for the last output alone
    precision: bf16 or fp32; None for what the processor is fast in
    """

    image: str
    task: str = "denoise"
    mask: str | None = None
    factor: int = 2
    size: int | None = None
    steps: int | None = None
    net: str | None = None
    net_settings: Mapping[str, str] = field(default_factory=dict)
    rate: float = 0.01
    jitter: float | None = None
    averaging: float = 0.99
    seed: int = 0
    precision: str | None = None

    @property
    def all_steps(self) -> int:
        return STEPS[self.task] if self.steps is None else self.steps

    @property
    def new_noise(self) -> float:
        return JITTER[self.task] if self.jitter is None else self.jitter


def settings_of(path: Path) -> Settings:
    """Those that a restored PNG was made with.

    Errors: DiagnosticsError with NET658 for a file that has none
    """
    return made_with.settings_in(path, FIELD, _read, "prior", "restored")


def save(picture: Image.Image, path: Path, settings: Settings) -> None:
    """Write a PNG with its settings, whole or not at all. Errors: OSError"""
    made_with.save(picture, path, FIELD, asdict(settings))


def _read(made: Any) -> Settings | None:
    fits = all(_fits(name, value) for name, value in made.items())
    return replace(Settings(made["image"]), **made) if fits else None


OPTIONAL = {"size": int, "steps": int, "jitter": int | float}
"""What may be None and is a number otherwise; the rest of those are words."""


def _fits(name: str, value: object) -> bool:
    """Whether a setting of this version has the name, and values of that kind."""
    if name not in {each.name for each in fields(Settings)}:
        return False
    usual = getattr(Settings(""), name)
    if name == "task":
        return value in TASKS
    if usual is None:
        return value is None or isinstance(value, OPTIONAL.get(name, str))
    return isinstance(value, int | float if isinstance(usual, float) else type(usual))
