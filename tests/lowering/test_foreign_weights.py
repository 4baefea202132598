"""Real weights under torchvision's names: SqueezeNet 1.1 and the convolutions of VGG-19 up to conv5_1."""

import numpy
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

import netdsl

from ..outside import real

SQUEEZENET = "weights/squeezenet1_1_imagenet.safetensors"
VGG19 = "weights/vgg19_features_imagenet.safetensors"


def photograph(name: str) -> Tensor:
    """As the weights' README says: the shorter side 256, the middle 224x224, mean and deviation of ImageNet.

    It does not name the filter; with this one all fifteen places of its table come out.
    """
    with Image.open(real(f"content/{name}.jpg")) as image:
        scale = 256 / min(image.size)
        width, height = (round(side * scale) for side in image.size)
        resized = image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - 224) // 2, (height - 224) // 2
    pixels = torch.from_numpy(numpy.array(resized.crop((left, top, left + 224, top + 224)))).float() / 255
    mean, deviation = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    return ((pixels - mean) / deviation).permute(2, 0, 1)[None]


TOP_5 = {
    "chelsea": ([0.39, 0.32, 0.28], ["Egyptian cat", "tiger cat", "tabby", "lynx", "cheetah"]),
    "coffee": ([0.94, 0.06], ["espresso", "consomme", "Crock Pot", "soup bowl", "cup"]),
    "rocket": ([0.21, 0.12, 0.10, 0.08, 0.07], ["pole", "crane", "beacon", "missile", "space shuttle"]),
}


@pytest.mark.parametrize("name", TOP_5)
def test_squeezenet_knows_what_it_sees(name: str) -> None:
    path, classes = real(SQUEEZENET), real("weights/imagenet_classes.txt").read_text("utf-8").splitlines()
    net = netdsl.compile("squeezenet").eval()
    netdsl.load_weights(net, path)
    with torch.no_grad():
        probabilities, best = net(photograph(name)).softmax(dim=1)[0].topk(5)
    likely, names = TOP_5[name]
    assert [classes[i] for i in best] == names
    assert probabilities[: len(likely)].tolist() == pytest.approx(likely, abs=0.03)


def test_every_tensor_of_squeezenet_goes_to_its_layer() -> None:
    path = real(SQUEEZENET)
    net = netdsl.compile("squeezenet")
    netdsl.load_weights(net, path)
    tensors, own = load_file(path), net.state_dict()
    fires = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}  # ours and torchvision's numbers
    layers = {"conv1": "features.0", "conv2": "classifier.1"}
    for ours, theirs in fires.items():
        layers[f"fire{ours}.conv1"] = f"features.{theirs}.squeeze"
        layers[f"fire{ours}.branch1.conv1"] = f"features.{theirs}.expand1x1"
        layers[f"fire{ours}.branch2.conv1"] = f"features.{theirs}.expand3x3"
    assert len(own) == len(tensors) == 2 * len(layers)
    for ours, theirs in layers.items():
        for key in ("weight", "bias"):
            assert torch.equal(own[f"{ours}.{key}"], tensors[f"{theirs}.{key}"])


@pytest.mark.parametrize("end", ["conv5_1", "relu13"])
def test_the_features_of_vgg19(end: str) -> None:
    """conv5_1 is the 13th convolution; the file ends there, and so do the feature maps."""
    path = real(VGG19)
    with torch.device("meta"):
        vgg = netdsl.compile("vgg19")
    features = netdsl.feature_maps(vgg, [end])
    netdsl.load_weights(features, path)
    tensors, own = load_file(path), features.state_dict()
    places = {1: (0, 2), 2: (5, 7), 3: (10, 12, 14, 16), 4: (19, 21, 23, 25), 5: (28,)}
    assert len(own) == len(tensors) == 26
    for stage, numbers in places.items():
        for number, place in enumerate(numbers, start=1):
            for key in ("weight", "bias"):
                assert torch.equal(own[f"conv{stage}_{number}.{key}"], tensors[f"features.{place}.{key}"].float())


def test_vgg19_sees_something() -> None:
    """The folded first layer gives activations up to about 790."""
    path = real(VGG19)
    features = netdsl.feature_maps(netdsl.compile("vgg19", input=(3, 224, 224)), ["conv1_1", "relu13"])
    netdsl.load_weights(features, path)
    with torch.no_grad():
        maps = features(photograph("chelsea"))
    assert maps["relu13"].shape == (1, 512, 14, 14)
    assert 100 < maps["conv1_1"].abs().max() < 1000
    assert 0.05 < (maps["relu13"] > 0).float().mean() < 0.6


@pytest.mark.parametrize(
    ("net", "weights", "part"),
    [
        ("vgg19", VGG19, "conv5_2"),
        ("vgg16", VGG19, "conv4_1"),
        ("alexnet", VGG19, "conv1"),
        ("squeezenet_1_0", SQUEEZENET, "conv1"),
        ("googlenet", SQUEEZENET, "conv1.conv1"),
        ("vgg19", SQUEEZENET, "conv1_2"),
    ],
)
def test_weights_of_another_net(net: str, weights: str, part: str) -> None:
    path = real(weights)
    with torch.device("meta"):
        module = netdsl.compile("squeezenet.net:squeezenet_1_0" if net == "squeezenet_1_0" else net)
    with pytest.raises(netdsl.DiagnosticsError) as caught:
        netdsl.load_weights(module, path)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET521"
    assert problem.expected.startswith(f"`{part}` (")
    assert all(tensor.is_meta for tensor in module.state_dict().values())
