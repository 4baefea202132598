"""Nets to look into: real weights and photographs where there are some, small runs where not."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from netdsl import compile as compile_net
from netdsl import data, save_weights
from netdsl.data import synthetic
from netdsl.seeing.subject import Subject, open_subject

from ..outside import real

SMALL = """
net small(classes = 1000) { input 3x32x32  C3-8/2 B R  C3-12 B R @last  G F{classes} }
recipe imagenet { normalize = imagenet  resize = 40  classes = imagenet }
"""


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a cache of its own for each test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture(scope="session")
def squeezenet() -> Subject:
    """Trained on ImageNet."""
    return open_subject("squeezenet", real("weights/squeezenet1_1_imagenet.safetensors"))


@pytest.fixture(scope="session")
def content() -> Callable[[str], Path]:
    """`content("chelsea")`: a photograph."""
    return lambda name: real(f"content/{name}.jpg")


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Weights for a net: `random_weights(text, seed=1, n=3)`; norms with statistics of their own."""

    def write(net: str, seed: int = 0, **settings: object) -> Path:
        torch.manual_seed(seed)
        module = compile_net(net, **settings)
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.rand_like(buffer) / 5 - 0.1)
            if name.endswith("running_var"):
                buffer.copy_(torch.rand_like(buffer) / 5 + 0.1)
        path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
        save_weights(module, path)
        return path

    return write


@pytest.fixture(scope="session")
def small(random_weights: Callable[..., Path]) -> Subject:
    """A bare net for 1,000 classes with random weights, whose pictures are fitted into 40x40 and cut to 32x32."""
    return open_subject(SMALL, random_weights(SMALL))


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The net `tiny` after two epochs on 600 `shapes`: it knows some of them."""
    from netdsl.tasks.setup.config import TrainConfig
    from netdsl.tasks.training.train import train

    few = synthetic.shapes(600, 100)
    run = tmp_path_factory.mktemp("runs") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.synthetic, "load", lambda say: few)
        patch.setenv("NETDSL_CACHE", str(tmp_path_factory.mktemp("cache")))
        train(TrainConfig("tiny", "shapes", epochs=2, out=run, device="cpu"))
    return run


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """`picture("a.png", 30, 20)`: a file of noise, in that mode of Pillow, with what else `save` takes."""

    def make(name: str, width: int, height: int, mode: str = "RGB", **more: object) -> Path:
        noise = torch.randint(0, 256, (height, width, 3), generator=torch.Generator().manual_seed(7)).byte().numpy()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise).convert(mode).save(path, **more)
        return path

    return make


@pytest.fixture(scope="session")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """The same net with norms that leave about half of all units on, for what is made of maps and gradients."""
    torch.manual_seed(0)
    module = compile_net(SMALL)
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_weights(module, path)
    return open_subject(SMALL, path)
