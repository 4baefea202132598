"""What a recipe can do to training images: windows, mirrors, covered squares, other colours, mixtures of two."""

from collections.abc import Mapping
from typing import Any

from netdsl.recipes.arguments import argument, call, count, not_negative, number, positive_number, read_call, wrong
from netdsl.record import Record, record


def _share(name: str, value: Any) -> float:
    return number(name, value, "a share of the images, 0 to 1", lambda n: 0 <= n <= 1)


def _amount(name: str, value: Any) -> float:
    return number(name, value, "0 to 1", lambda n: 0 <= n <= 1)


@record
class PadCrop(Record):
    """A border around each training image, and a window of the old size somewhere in it."""

    padding: int = argument(0, count)


@record
class Flip(Record):
    """Left becomes right in a share `p` of the training images."""

    p: float = argument(0.5, _share)


@record
class Cutout(Record):
    """A square of each training image is covered: DeVries and Taylor 2017, arXiv:1708.04552."""

    size: int = argument(0, count)


@record
class Crop(Record):
    """A window of the net's input size, anywhere in a larger image: Krizhevsky et al. 2012, section 4.1."""


@record
class ScaleJitter(Record):
    """The shorter side becomes so many pixels, drawn from `min` to `max`; then as `crop`.

    Source: Simonyan & Zisserman, arXiv:1409.1556, section 3.1, multi-scale training.
    """

    min: int = argument(0, count)
    max: int = argument(0, count)


@record
class ColourJitter(Record):
    """Brightness, contrast and saturation times a factor from 1 - amount to 1 + amount each, one after the other."""

    brightness: float = argument(0.4, _amount)
    contrast: float = argument(0.4, _amount)
    saturation: float = argument(0.4, _amount)


@record
class PcaNoise(Record):
    """A colour added to all pixels, drawn along the main directions of the training images' colours.

    Source: Krizhevsky et al. 2012, section 4.1.
    """

    std: float = argument(0.1, not_negative)


@record
class Mixup(Record):
    """A weighted mean of two images, and of their targets; the weight is drawn from Beta(alpha, alpha).

    Source: Zhang et al., arXiv:1710.09412, equation 2.
    """

    alpha: float = argument(0.2, positive_number)


Augmentation = PadCrop | Flip | Cutout | Crop | ScaleJitter | ColourJitter | PcaNoise | Mixup
AUGMENTATIONS: Mapping[str, type[Augmentation]] = {
    "pad_crop": PadCrop,
    "flip": Flip,
    "cutout": Cutout,
    "crop": Crop,
    "scale_jitter": ScaleJitter,
    "colour_jitter": ColourJitter,
    "pca_noise": PcaNoise,
    "mixup": Mixup,
}
NEEDED = {"pad_crop", "cutout", "scale_jitter"}  # words whose arguments must all be given: they are in pixels


def word_of(step: Augmentation) -> str:
    """Its word in a recipe."""
    return next(word for word, kind in AUGMENTATIONS.items() if isinstance(step, kind))


def read_augmentation(name: str, value: Any) -> Augmentation:
    """One item of the list: `flip`, `pad_crop(4)`."""
    word, given = call(name, value, {word: kind._names for word, kind in AUGMENTATIONS.items()})
    names = AUGMENTATIONS[word]._names
    if word in NEEDED and len(given) < len(names):
        wrong(name, f"`{word}({', '.join(names)})`, in pixels", value)
    step: Augmentation = read_call(name, value, AUGMENTATIONS)
    if isinstance(step, ScaleJitter) and step.max < step.min:
        wrong("max", f"{step.min} pixels or more, as in `min`", step.max)
    return step
