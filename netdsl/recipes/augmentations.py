"""What a recipe can do to training images: a border and a window, a mirror, a covered square."""

from collections.abc import Mapping
from typing import Any

from netdsl.recipes.arguments import argument, call, count, number, wrong
from netdsl.record import Record, record


def _share(name: str, value: Any) -> float:
    return number(name, value, "a share of the images, 0 to 1", lambda n: 0 <= n <= 1)


@record
class PadCrop(Record):
    """A border around each training image, and a window of the old size somewhere in it."""

    padding: int


@record
class Flip(Record):
    """Left becomes right in a share `p` of the training images."""

    p: float = argument(0.5, _share)


@record
class Cutout(Record):
    """A square of each training image is covered: DeVries and Taylor 2017, arXiv:1708.04552."""

    size: int


Augmentation = PadCrop | Flip | Cutout
AUGMENTATIONS: Mapping[str, type[Augmentation]] = {"pad_crop": PadCrop, "flip": Flip, "cutout": Cutout}


def word_of(step: Augmentation) -> str:
    """Its word in a recipe."""
    return next(word for word, kind in AUGMENTATIONS.items() if isinstance(step, kind))


def read_augmentation(name: str, value: Any) -> Augmentation:
    """One item of the list: `flip`, `pad_crop(4)`."""
    known = {word: kind._names for word, kind in AUGMENTATIONS.items()}
    word, given = call(name, value, known)
    if word == "flip":
        return Flip(_share("p", given.get("p", Flip().p)))
    (pixels,) = known[word]
    if pixels not in given:
        wrong(name, f"`{word}({pixels})`, in pixels", value)
    size = count(pixels, given[pixels])
    return PadCrop(size) if word == "pad_crop" else Cutout(size)
