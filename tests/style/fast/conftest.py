"""A small net that paints, small pictures, and a run of a few steps on the loss network's real weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.style.fast.train import Wanted, prepared
from netdsl.style.loss.weights import CAFFE, LossWeights
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.train import TrainResult, train

LOSS_NETWORK = 4 * (64 + 64 + 3 * 16 + 32 + 32 + 3 * 8 + 4 * 16 + 3 * 4 + 3 * 8) + 64 * (3 * 4 + 4) + 4 * 32
"""Bytes a pixel in float32: the maps of VGG-19 up to conv4_3 and what its pools remember of theirs; what backward makes
at the largest map; the photograph's relu2_2."""

NET = "net small { input 3xHxW  C3-8 I R  C3-8/2 I R  U2 C3-3 I tanh(scale = 150) }"
SMALL = {"resize": "32", "batch": "2", "passes": "2", "epochs": "1"}


def picture(seed: int, width: int = 40, height: int = 32) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def photos(quiet_place: Path) -> Path:
    """Six photographs, in folders; a note among them."""
    for number in range(6):
        folder = quiet_place / "photos" / ("a" if number % 2 else "b")
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"{number}.png")
    return quiet_place / "photos"


@pytest.fixture
def paintings(quiet_place: Path) -> list[str]:
    for name, seed in (("night", 10), ("wave", 11), ("scream", 12)):
        picture(seed, 48, 40).save(quiet_place / f"{name}.png")
    return ["night.png", "wave.png", "scream.png"]


def learned(photos: Path | None, styles=(), added=(), recipe=None, **changes) -> TrainResult:
    data = None if photos is None else f"folder:{photos}"
    given = {"net": NET, "data": data, "set_recipe": {**SMALL, **(recipe or {})}, **changes}
    asked, purpose = prepared(TrainConfig(**given), Wanted(tuple(styles), tuple(added), 48), Silent())
    return train(asked, Silent(), purpose)


@pytest.fixture
def two(photos: Path, paintings: list[str]) -> Path:
    """A run of two styles."""
    return learned(photos, paintings[:2], out=Path("two")).run


@pytest.fixture(scope="session")
def weights(random_weights: LossWeights) -> LossWeights:
    """Random ones up to conv4_3, the last layer that a net learns styles by."""
    tensors = dict(random_weights.tensors)
    random = torch.Generator().manual_seed(5)
    for layer in (2, 3):
        tensors[f"conv4_{layer}.weight"] = torch.randn(512, 512, 3, 3, generator=random) * (2 / (9 * 512)) ** 0.5
        tensors[f"conv4_{layer}.bias"] = torch.randn(512, generator=random)
    return LossWeights("random", tensors, CAFFE)
