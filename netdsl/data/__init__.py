"""Data sets, each held in memory as one tensor of bytes."""

from pathlib import Path

from netdsl.data import cifar, folder, mnist, svhn, synthetic
from netdsl.data.batches import Batch, Normalization, batch_count, batches, shuffled, some_images
from netdsl.data.dataset import SPLITS, Dataset
from netdsl.data.files import Meter, Say
from netdsl.data.folder import Cut
from netdsl.data.forms import FORMS
from netdsl.data.scenes import SIZE
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import nearest

__all__ = [
    "FOLDER_INPUT",
    "NAMES",
    "SPLITS",
    "Batch",
    "Cut",
    "Dataset",
    "Meter",
    "Normalization",
    "Say",
    "any_size",
    "batch_count",
    "batches",
    "class_names",
    "has_boxes",
    "known",
    "load",
    "recipe_names",
    "shuffled",
    "some_images",
    "stem",
]

COLOUR = FeatureMap(3, (32, 32))
FITS = {
    "mnist": (FeatureMap(1, (28, 28)), mnist.CLASS_NAMES),
    "cifar10": (COLOUR, cifar.CIFAR10.class_names),
    "cifar100": (COLOUR, cifar.CIFAR100.class_names),
    "svhn": (COLOUR, svhn.CLASS_NAMES),
    "shapes": (FeatureMap(3, (SIZE, SIZE)), tuple(FORMS)),
}
NAMES = (*FITS, "folder:DIR")
AUGMENTED = "+"  # ends the name of a data set where it means the recipe with augmentation as well
FOLDER_INPUT = FeatureMap(3, (224, 224))
"""What images of a folder become where neither net nor recipe says it."""


def load(
    name: str,
    data_dir: Path | None = None,
    say: Say = lambda message: None,
    meter: Meter | None = None,
    cut: Cut | None = None,
) -> Dataset:
    """A data set by its name, `+` or not. What takes longer is told to `say`; downloads and decoding go to `meter`.

    `cut` says what the images of a folder become.
    """
    known(name)
    name = plain(name)
    if any_size(name):
        return folder.load(folder.scan(name), cut or Cut(FOLDER_INPUT), say, meter)
    if name == "mnist":
        return mnist.load(data_dir, say, meter)
    if name == "svhn":
        return svhn.load(data_dir, say, meter)
    return cifar.load(name, data_dir, say, meter) if name in cifar.FORMS else synthetic.load(say)


def has_boxes(name: str) -> bool:
    """Does the data say where the object is in each image?"""
    return plain(name) == "shapes"


def known(name: str) -> tuple[FeatureMap, int]:
    """Shape of the images and number of classes, without reading a file; an unknown name is an error.

    Images of a folder take on the shape of the net's input; the one given here is for a net that leaves it open.
    """
    names = class_names(name)
    return FOLDER_INPUT if any_size(name) else FITS[plain(name)][0], len(names)


def class_names(name: str) -> tuple[str, ...]:
    """In the order of their numbers."""
    if any_size(name):
        return folder.scan(plain(name)).class_names
    if plain(name) not in FITS:
        close = nearest(plain(name), list(FITS))
        note = f"did you mean `{close}{name[len(plain(name)) :]}`?" if close else ""
        fail("NET510", f"there is no data set `{plain(name)}`", expected=", ".join(NAMES), found=name, note=note)
    return FITS[plain(name)][1]


def plain(name: str) -> str:
    return name.removesuffix(AUGMENTED)


def any_size(name: str) -> bool:
    """Are its images resized to what the net sees?"""
    return name.startswith(folder.PREFIX)


def recipe_names(name: str) -> tuple[str, ...]:
    """The recipes that a net can have for the data; the first that it has counts."""
    if not any_size(name):
        return (name,)
    end = AUGMENTED if name.endswith(AUGMENTED) else ""
    return f"folder{end}", f"imagenet{end}"


def stem(name: str) -> str:
    """For names of files."""
    return Path(plain(name).removeprefix(folder.PREFIX)).resolve().name or "folder" if any_size(name) else name
