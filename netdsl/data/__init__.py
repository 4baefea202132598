"""Data sets, each held in memory as one tensor of bytes."""

from pathlib import Path

from netdsl.data import cifar, mnist, synthetic
from netdsl.data.batches import Normalization, batch_count, batches
from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Say
from netdsl.diagnostics import fail
from netdsl.layers.attributes import nearest

__all__ = ["NAMES", "Dataset", "Meter", "Normalization", "Say", "batch_count", "batches", "load"]

NAMES = ("mnist", "cifar10", "shapes")


def load(
    name: str, data_dir: Path | None = None, say: Say = lambda message: None, meter: Meter | None = None
) -> Dataset:
    """A data set by its name. What takes longer is told to `say`; downloads go to `meter`."""
    match name:
        case "mnist":
            return mnist.load(data_dir, say, meter)
        case "cifar10":
            return cifar.load(data_dir, say, meter)
        case "shapes":
            return synthetic.load(say)
    close = nearest(name, NAMES)
    note = f"did you mean `{close}`?" if close else ""
    return fail("NET510", f"there is no data set `{name}`", expected=", ".join(NAMES), found=name, note=note)
