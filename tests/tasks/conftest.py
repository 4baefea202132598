"""Small data and nets for training in a second; the real files where there are some."""

import pytest
import torch

from netdsl import data
from netdsl.data import Dataset, synthetic

from ..outside import real


@pytest.fixture(autouse=True)
def quiet_place(tmp_path, monkeypatch):
    """A folder, a cache and data of its own for each test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NETDSL_DATA", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def real_data():
    """The folder with the official files."""
    return real("mnist").parent


@pytest.fixture(scope="session")
def few_shapes():
    return synthetic.shapes(300, 100)


@pytest.fixture
def few(monkeypatch, few_shapes):
    """`--data shapes` means 300 + 100 pictures in this test."""
    monkeypatch.setattr(data.synthetic, "load", lambda say: few_shapes)
    return few_shapes


@pytest.fixture(scope="session")
def bright_or_dark():
    """Two classes that any net can tell apart: bright and dark pictures of 1x6x6."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 2
    images = torch.randint(0, 120, (200, 1, 6, 6), generator=generator) + 120 * labels.view(-1, 1, 1, 1)
    return Dataset(
        "brightness", images[:150].byte(), labels[:150], images[150:].byte(), labels[150:], ("dark", "bright")
    )
