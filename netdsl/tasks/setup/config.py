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
    """A run to go on with, as if it had never stopped; nothing but `data_dir`, `device` and `save_every` beside it."""
    save_every: float | None = None
    """Seconds between two saves within an epoch. None: ten minutes."""
    styles: tuple[str, ...] = ()
    """Names of styles that the images of the data are to be painted in: they take the place of the classes."""
    new_styles: int = 0
    """Only the last so many styles are trained. 0: all."""
    data_dir: Path | None = None
    out: Path | None = None
    epochs: int | None = None
    batch: int | None = None
    lr: float | None = None
    init_from: Path | None = None
    """A run folder or a file of weights: what fits of it takes the place of the first weights."""
    init_to: str | None = None
    """A tag or layer: only what its output is computed from takes weights; with `init_parts`, these as well."""
    init_parts: tuple[str, ...] = ()
    init_sha256: str | None = None
    """Of the file that they must come from; None: whatever is there now."""
    replace_head: bool | None = None
    """As many outputs as the data has classes, and first weights of their own for them. None: no."""
    freeze_to: str | None = None
    """A tag or layer: all that its output is computed from stays as it is."""
    lr_at: Mapping[str, float] = field(default_factory=dict)
    """Parts of the net with the factors of their learning rates; they take the place of the recipe's `lr_scale`."""
    seed: int | None = None
    """None: 0."""
    subset: int | None = None
    recompute_norms: bool | None = None
    """None: as the recipe says."""
    classes: tuple[str, ...] = ()
    """Names or numbers of the classes that are looked at, in the order of their new numbers. Empty: all."""
    valid_fraction: float | None = None
    """So much of each class's training images is held out. None: nothing, unless the data has a split of its own."""
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
    tensorboard: bool | None = None
    """Write the epochs for TensorBoard too. None: no."""
    memory_budget: int | None = None
    """Bytes for a training step. None: as many as it takes."""
