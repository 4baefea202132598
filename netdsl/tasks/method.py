"""How a net is trained, whatever the net and the data: optimizer, schedule, initialization, length of the run."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal

from netdsl.diagnostics import fail


@dataclass(frozen=True, slots=True)
class Sgd:
    """Gradient descent on batches. The learning rate is for the mean loss of a batch, whatever its size."""

    lr: float = 0.02
    momentum: float = 0.9
    nesterov: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """The learning rate is multiplied by the next factor each time a share of the run is over; no shares: constant."""

    at: tuple[float, ...] = (2 / 3,)
    factor: tuple[float, ...] = (0.1,)

    def scale(self, step: int, steps: int) -> float:
        """What the first learning rate is multiplied by in batch number `step` (from 0) of `steps`."""
        passed = bisect_right([round(share * steps) for share in self.at], step)
        return prod(self.factor[:passed])


@dataclass(frozen=True, slots=True)
class Init:
    """The first weights of convolutions and linear layers: `he` (He et al. 2015), `gaussian` with `std`, or torch's."""

    name: Literal["he", "gaussian", "torch"] = "he"
    std: float | None = None


@dataclass(frozen=True, slots=True)
class PadCrop:
    """A border around each training image, and a window of the old size somewhere in it."""

    padding: int


@dataclass(frozen=True, slots=True)
class Flip:
    """Left becomes right in a share `p` of the training images."""

    p: float = 0.5


@dataclass(frozen=True, slots=True)
class Cutout:
    """A square of each training image is covered: DeVries and Taylor 2017, arXiv:1708.04552."""

    size: int


Augmentation = PadCrop | Flip | Cutout
AUGMENTATIONS: Mapping[str, type[Augmentation]] = {"pad_crop": PadCrop, "flip": Flip, "cutout": Cutout}


@dataclass(frozen=True, slots=True)
class Method:
    """All of it. The defaults are for a net that has no recipe for the data."""

    optimizer: Sgd = Sgd()
    weight_decay: float = 1e-4
    """The gradient of each trained number gets this many times the number itself."""
    batch: int = 128
    epochs: int = 15
    schedule: Step = Step()
    normalize: Literal["channel", "gcn", "zca", "none"] = "channel"
    init: Init = Init()
    augment: tuple[Augmentation, ...] = ()
    """What is done to the training images, in this order."""
    seed: int = 0
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name, value in (("batch", self.batch), ("epochs", self.epochs)):
            if value < 1:
                fail("NET527", f"`{name}` is out of range", expected="a whole number from 1 on", found=str(value))
        if not 0 < self.optimizer.lr < float("inf"):
            fail("NET527", "`lr` is out of range", expected="a learning rate above 0", found=str(self.optimizer.lr))

    def as_settings(self) -> Mapping[str, Any]:
        """In a recipe's words, for config.yaml."""
        step, init = self.schedule, self.init
        return {
            "optimizer": {
                "sgd": {
                    "lr": self.optimizer.lr,
                    "momentum": self.optimizer.momentum,
                    "nesterov": self.optimizer.nesterov,
                }
            },
            "weight_decay": self.weight_decay,
            "batch": self.batch,
            "epochs": self.epochs,
            "schedule": {"step": {"at": list(step.at), "factor": list(step.factor)}} if step.at else "constant",
            "normalize": self.normalize,
            "init": {"gaussian": {"std": init.std}} if init.name == "gaussian" else init.name,
            "augment": [{word_of(step): asdict(step)} for step in self.augment],
            "seed": self.seed,
            "deterministic": self.deterministic,
        }


def word_of(step: Augmentation) -> str:
    """Its word in a recipe."""
    return next(word for word, kind in AUGMENTATIONS.items() if isinstance(step, kind))
