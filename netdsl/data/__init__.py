"""Data sets, each held in memory as one tensor of bytes."""

from pathlib import Path

from netdsl.data import cifar, mnist, synthetic
from netdsl.data.batches import Batch, Normalization, batch_count, batches, shuffled, some_images
from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Say
from netdsl.data.forms import FORMS
from netdsl.data.scenes import SIZE
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import nearest

__all__ = [
    "NAMES",
    "Batch",
    "Dataset",
    "Meter",
    "Normalization",
    "Say",
    "batch_count",
    "batches",
    "has_boxes",
    "known",
    "load",
    "shuffled",
    "some_images",
]

FITS = {
    "mnist": (FeatureMap(1, (28, 28)), mnist.CLASSES),
    "cifar10": (FeatureMap(3, (32, 32)), cifar.CLASSES),
    "shapes": (FeatureMap(3, (SIZE, SIZE)), len(FORMS)),
}
NAMES = tuple(FITS)
AUGMENTED = "+"  # ends the name of a data set where it means the recipe with augmentation as well


def load(
    name: str, data_dir: Path | None = None, say: Say = lambda message: None, meter: Meter | None = None
) -> Dataset:
    """A data set by its name, `+` or not. What takes longer is told to `say`; downloads go to `meter`."""
    known(name)
    name = name.removesuffix(AUGMENTED)
    if name == "mnist":
        return mnist.load(data_dir, say, meter)
    return cifar.load(data_dir, say, meter) if name == "cifar10" else synthetic.load(say)


def has_boxes(name: str) -> bool:
    """Does the data say where the object is in each image?"""
    return name.removesuffix(AUGMENTED) == "shapes"


def known(name: str) -> tuple[FeatureMap, int]:
    """Shape of the images and number of classes, without reading a file; an unknown name is an error."""
    plain = name.removesuffix(AUGMENTED)
    if plain not in FITS:
        close = nearest(plain, NAMES)
        note = f"did you mean `{close}{name[len(plain) :]}`?" if close else ""
        fail("NET510", f"there is no data set `{plain}`", expected=", ".join(NAMES), found=name, note=note)
    return FITS[plain]
