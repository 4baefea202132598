"""Weights of the loss network: the file in the package, files given, torchvision's; what pictures go through."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.weight_files import read_tensors
from netdsl.style.loss import weights as loss_weights
from netdsl.style.loss.weights import CAFFE, TORCH, carried, decoded, open_loss_weights

from ...outside import real


def test_decoding_by_hand() -> None:
    stored = {
        "block2_conv1_W_q": torch.tensor([[1, 0], [2, 1]], dtype=torch.uint8),
        "block2_conv1_W_table": torch.tensor([0.5, -1.0, 3.0]),
        "block2_conv1_b": torch.tensor([7.0]),
    }
    made = decoded(stored)
    assert made.keys() == {"conv2_1.weight", "conv2_1.bias"}
    assert made["conv2_1.weight"].tolist() == [[-1.0, 0.5], [3.0, -1.0]]
    assert made["conv2_1.bias"].tolist() == [7.0]


def test_all_256_values_are_reached() -> None:
    stored = {
        "block1_conv1_W_q": torch.arange(256).to(torch.uint8),
        "block1_conv1_W_table": torch.arange(256.0) / 8,
        "block1_conv1_b": torch.zeros(1),
    }
    assert torch.equal(decoded(stored)["conv1_1.weight"], torch.arange(256.0) / 8)


def test_the_package_carries_all_16_convolutions() -> None:
    tensors = carried()
    assert len(tensors) == 32
    assert tensors["conv1_1.weight"].shape == (64, 3, 3, 3)
    assert tensors["conv5_4.weight"].shape == (512, 512, 3, 3)
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())
    assert all(tensor.unique().numel() <= 256 for name, tensor in tensors.items() if name.endswith("weight"))


PLACES = {1: (0, 2), 2: (5, 7), 3: (10, 12, 14, 16), 4: (19, 21, 23, 25), 5: (28,)}


def test_the_carried_weights_against_the_original_ones() -> None:
    """Both are copies of the Oxford weights; the other one is float32 to conv3_4, coarser than ours behind."""
    ours, theirs = carried(), read_tensors(real("weights/vgg19_features_imagenet.safetensors"))
    for stage, numbers in PLACES.items():
        for number, place in enumerate(numbers, 1):
            name = f"conv{stage}_{number}"
            kernel, bias = theirs[f"features.{place}.weight"].double(), theirs[f"features.{place}.bias"].double()
            bound = 0.01 if stage <= 3 else 0.10
            if name == "conv1_1":
                kernel, bias = _unfolded(kernel, bias)
                bound = 0.005
                assert torch.allclose(ours["conv1_1.bias"].double(), bias, atol=1e-4)
            else:
                assert torch.equal(ours[f"{name}.bias"].double(), bias), name
            error = (ours[f"{name}.weight"].double() - kernel).norm() / kernel.norm()
            assert error < bound, (name, float(error))


def _unfolded(kernel: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The other copy takes 0 to 1 over ImageNet's deviation: W' = W * 255 * std, b' = b + sum(W * (255 * mean - m))."""
    mean, deviation = (
        torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1) for values in (TORCH.mean, TORCH.deviation)
    )
    weight = kernel / deviation
    offset = (weight * (mean - torch.tensor(CAFFE.mean, dtype=torch.float64).view(1, 3, 1, 1))).sum((1, 2, 3))
    return weight[:, list(CAFFE.order)], bias - offset


@pytest.mark.parametrize("preprocessing", [CAFFE, TORCH])
def test_preprocessing_has_a_way_back(preprocessing, picture) -> None:
    assert torch.allclose(preprocessing.picture(preprocessing(picture)), picture, atol=1e-3)


def test_preprocessing_by_hand() -> None:
    red = torch.tensor([255.0, 0.0, 0.0]).view(1, 3, 1, 1)
    assert CAFFE(red).flatten().tolist() == pytest.approx([-103.939, -116.779, 131.32], abs=1e-3)  # BGR
    assert TORCH(red).flatten().tolist() == pytest.approx([2.2489, -2.0357, -1.8044], abs=1e-3)  # (1 - .485) / .229


def test_a_file_is_taken_for_torchvisions() -> None:
    path = real("weights/vgg19_features_imagenet.safetensors")
    assert open_loss_weights(str(path)).preprocessing is TORCH


def test_torchvisions_are_downloaded_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = tmp_path / "served"
    served.mkdir()
    torch.save({"features.0.weight": torch.ones(2)}, served / "vgg19-dcbb9e9d.pth")
    handler = partial(_Quiet, directory=str(served))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(loss_weights, "DOWNLOAD", _remote(server, served, "0" * 64))
    with pytest.raises(DiagnosticsError, match="another checksum"):
        open_loss_weights("torchvision")
    assert not list(tmp_path.rglob("cache/**/*.pth"))
    sha256 = hashlib.sha256((served / "vgg19-dcbb9e9d.pth").read_bytes()).hexdigest()
    monkeypatch.setattr(loss_weights, "DOWNLOAD", _remote(server, served, sha256))
    said: list[str] = []
    found = open_loss_weights("torchvision", said.append)
    assert found.tensors["features.0.weight"].tolist() == [1, 1] and found.preprocessing is TORCH
    assert len(said) == 1 and said[0].startswith("downloading http")
    server.shutdown()
    server.server_close()
    assert open_loss_weights("torchvision", said.append).tensors.keys() == found.tensors.keys()
    assert len(said) == 1  # the second time from the cache


def test_the_download_is_torchvisions_own() -> None:
    """torch.hub names a file by the first eight digits of its sha256."""
    assert loss_weights.DOWNLOAD.name.split("-")[1].startswith(loss_weights.DOWNLOAD.sha256[:8])
    assert len(loss_weights.DOWNLOAD.sha256) == 64


def test_a_package_without_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_weights, "FILE", "nothing.bin")
    with pytest.raises(DiagnosticsError) as caught:
        open_loss_weights()
    assert caught.value.diagnostics[0].code == "NET655"


def _remote(server: ThreadingHTTPServer, folder: Path, sha256: str) -> loss_weights.Remote:
    name = "vgg19-dcbb9e9d.pth"
    return loss_weights.Remote(name, (name,), (f"http://127.0.0.1:{server.server_port}/{name}",), sha256)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
