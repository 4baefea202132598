"""A small loss network and small pictures; the real ones where the weights are."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from netdsl.style.loss.weights import CAFFE, LossWeights


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a cache of its own for each test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    return tmp_path


WIDTHS = ((64, 2), (128, 2), (256, 4), (512, 1))


def random_tensors(seed: int = 0) -> dict[str, Tensor]:
    """VGG-19 up to conv4_1 with weights that keep the size of what goes through."""
    random = torch.Generator().manual_seed(seed)
    tensors, before = {}, 3
    for stage, (filters, layers) in enumerate(WIDTHS, 1):
        for layer in range(1, layers + 1):
            kernel = torch.randn(filters, before, 3, 3, generator=random) * (2 / (9 * before)) ** 0.5
            tensors[f"conv{stage}_{layer}.weight"] = kernel
            tensors[f"conv{stage}_{layer}.bias"] = torch.randn(filters, generator=random)
            before = filters
    return tensors


@pytest.fixture(scope="session")
def random_weights() -> LossWeights:
    return LossWeights("random", random_tensors(), CAFFE)


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(1)) * 255
