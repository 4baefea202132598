"""What a user asks of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What the user asks for. None: as the net's recipe for the data says, or as in `Method()`."""

    net: str | None = None
    """A file, the name of a bundled net, or the text of a net. None: that of `config`."""
    data: str | None = None
    """None: that of `config`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    with_rules: str = ""
    """Rules that make a variant of the net: `C -> C B`."""
    set_recipe: Mapping[str, str] = field(default_factory=dict)
    """Settings of the recipe in its words: `{"schedule": "halve(every=10%)"}`."""
    config: Path | None = None
    """A run's config.yaml, or the run: its method, and whatever is left out here."""
    resume: Path | None = None
    """A run to go on with, as if it had never stopped; nothing but `data_dir` and `save_every` beside it."""
    save_every: float | None = None
    """Seconds between two saves within an epoch. None: ten minutes."""
    data_dir: Path | None = None
    out: Path | None = None
    epochs: int | None = None
    batch: int | None = None
    lr: float | None = None
    seed: int | None = None
    """None: 0."""
    subset: int | None = None
    deterministic: bool | None = None
    """None: no."""
    tensorboard: bool | None = None
    """Write the epochs for TensorBoard too. None: no."""
