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
    device: str | None = None
    """`cpu`, `cuda`, `cuda:1`, `mps`. None: the fastest one that is there."""
    precision: str | None = None
    """`auto`, `fp32`, `bf16`. None: auto."""
    compile: bool | None = None
    """Through torch.compile? None: no."""
    accumulate: int | None = None
    """Parts that a batch is computed in."""
    memory_budget: int | None = None
    """Bytes for a training step. None: as many as it takes."""
