"""How a net is trained, whatever the net and the data: optimizer, schedule, initialization, length of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from netdsl.diagnostics import fail
from netdsl.recipes.augmentations import AUGMENTATIONS, Augmentation
from netdsl.recipes.inits import INITS, He, Init
from netdsl.recipes.losses import LABEL, LOSSES, CrossEntropy, Loss
from netdsl.recipes.optimizers import OPTIMIZERS, Optimizer, Sgd
from netdsl.recipes.schedules import SCHEDULES, Schedule, Step, batches
from netdsl.record import Record


@dataclass(frozen=True, slots=True)
class Method:
    """All of it. The defaults are for a net that has no recipe for the data."""

    optimizer: Optimizer = field(default=Sgd())
    weight_decay: float = 1e-4
    """The gradient of each trained number gets this many times the number itself."""
    batch: int = 128
    epochs: int = 15
    schedule: Schedule = field(default=Step())
    normalize: Literal["channel", "gcn", "zca", "imagenet", "vgg", "none"] = "channel"
    init: Init = field(default=He())
    augment: tuple[Augmentation, ...] = ()
    """What is done to the training images, in this order."""
    resize: int | None = None
    """Pixels of the squares that images of a folder become, of which the middle is tested. None: as the net's input."""
    crop: int | None = None
    """Pixels of the window that a net sees which leaves its input open. None: as `resize`."""
    classes: Literal["imagenet"] | None = None
    """What the classes of a net are called whose weights come without names. None: by their numbers."""
    loss: Loss = field(default=CrossEntropy())
    """Of the main output; a head has its own."""
    target: str = LABEL
    """What the main output is compared with."""
    l1_penalty: float = 0
    """The gradient of each number that decays gets this with the number's sign."""
    decay_norms: bool = True
    """Do biases and the weights of norms decay as well?"""
    warmup: float = 0
    """Epochs (below 1: share of the run) in which the learning rate rises from almost 0, in a straight line."""
    label_smoothing: float = 0
    """So much of each target is spread evenly over all classes: Szegedy et al., arXiv:1512.00567, section 7."""
    clip_gradient: float | None = None
    """The longest gradient, all weights taken as one vector; a longer one is made shorter."""
    ema: float | None = None
    """How much of the mean weights stays in a step; they are what is measured and kept. None: the last weights."""
    accumulate: int = 1
    """Parts that a batch goes through the net in, one after the other; the gradient is that of the whole batch."""
    passes: int = 1
    """Times that each training image comes in an epoch: more for few images, which are tested after each epoch."""
    recompute_norms: bool = False
    """Does batch norm get its mean and variance from the whole training set when training is over?"""
    freeze: str | None = None
    """All weights that the output of this tag or layer comes from stay as they are, and their norms' statistics."""
    lr_scale: tuple[tuple[str, float], ...] = ()
    """Parts of the net whose learning rate is so many times the others'; where parts overlap, the last one counts."""
    early_stop: int | None = None
    """Epochs without a lower error on the held-out images after which the run ends. None: it never ends early."""
    sync_norms: bool = True
    """Are batch norms those of all processes' images, where several train together? Else each has its own share's."""
    seed: int = 0
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name, value in (
            ("batch", self.batch),
            ("epochs", self.epochs),
            ("passes", self.passes),
            ("accumulate", self.accumulate),
        ):
            if value < 1:
                fail("NET527", f"`{name}` is out of range", expected="a whole number from 1 on", found=str(value))
        most = max(1, self.batch // 2)
        if self.accumulate > most:
            fail(
                "NET533",
                "`accumulate` leaves less than two images in a part",
                expected=f"at most {most} parts of a batch of {self.batch}: batch norm needs two images",
                found=str(self.accumulate),
            )
        if not 0 < self.optimizer.lr < float("inf"):
            fail("NET527", "`lr` is out of range", expected="a learning rate above 0", found=str(self.optimizer.lr))

    def lr(self, step: int, steps: int, losses: Sequence[float] = ()) -> float:
        """The learning rate in batch number `step` (from 0) of `steps`; `losses` are those of the epochs before."""
        lr = self.optimizer.lr * self.schedule.scale(step, steps, self.epochs, losses)
        rising = batches(self.warmup, steps, self.epochs)
        return lr * (step + 1) / rising if step + 1 < rising else lr

    def as_settings(self) -> Mapping[str, Any]:
        """In a recipe's words, for config.yaml."""
        return {
            "optimizer": _as_call(self.optimizer, OPTIMIZERS),
            "loss": _as_call(self.loss, LOSSES),
            "target": self.target,
            "weight_decay": self.weight_decay,
            "l1_penalty": self.l1_penalty,
            "decay_norms": self.decay_norms,
            "batch": self.batch,
            "epochs": self.epochs,
            "passes": self.passes,
            "schedule": _as_call(self.schedule, SCHEDULES),
            "warmup": self.warmup,
            "normalize": self.normalize,
            "init": _as_call(self.init, INITS),
            "augment": [_as_call(step, AUGMENTATIONS) for step in self.augment],
            "resize": "none" if self.resize is None else self.resize,
            "crop": "none" if self.crop is None else self.crop,
            "classes": self.classes or "none",
            "label_smoothing": self.label_smoothing,
            "clip_gradient": "none" if self.clip_gradient is None else self.clip_gradient,
            "ema": "none" if self.ema is None else self.ema,
            "accumulate": self.accumulate,
            "recompute_norms": self.recompute_norms,
            "freeze": "none" if self.freeze is None else self.freeze,
            "lr_scale": [list(row) for row in self.lr_scale],
            "early_stop": "none" if self.early_stop is None else self.early_stop,
            "sync_norms": self.sync_norms,
            "seed": self.seed,
            "deterministic": self.deterministic,
        }


def _as_call(value: Record, words: Mapping[str, type[Any]]) -> Any:
    """The word alone, or `{word: {argument: value}}`."""
    name = next(word for word, made in words.items() if made is type(value))
    arguments = {key: getattr(value, key) for key in value._names}
    plain = {key: list(found) if isinstance(found, tuple) else found for key, found in arguments.items()}
    return {name: plain} if plain else name
