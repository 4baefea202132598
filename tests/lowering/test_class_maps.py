"""Class activation maps: the mean of a map plus the bias is the score, on nets of many kinds, and nothing is copied."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import netdsl
from netdsl.data import Normalization, synthetic
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.class_maps import ClassMaps, map_place
from netdsl.lowering.to_torch import Compiled, network_of

from .test_foreign_weights import SQUEEZENET, photograph, real

TOLERANCE = 1e-5


def made(net: str, size: tuple[int, ...] = (), **settings: object) -> Compiled:
    """With batch statistics of its own, as after a training."""
    torch.manual_seed(3)
    module = netdsl.compile(net, **settings)
    images = torch.randn(8, *network_of(module).input.shape)
    with torch.no_grad():
        for _ in range(3):
            module(images)
    return module.eval()


def check_identity(module: Compiled, x: Tensor) -> None:
    """Exact up to rounding: an error of 1e-5 of the image's largest score."""
    maps = ClassMaps(module)
    with torch.no_grad():
        scores, found = maps(x)
        assert torch.equal(scores, module(x)), "the scores are the net's own, to the bit"
        mean = found.flatten(2).mean(2) + (0 if maps.bias is None else maps.bias)
    assert found.shape[:2] == scores.shape and found[0, 0].numel() > 1
    assert ((mean - scores).abs() <= TOLERANCE * scores.abs().amax(1, keepdim=True)).all()


KINDS = [
    *(("resnet", {"n": 1}), ("resnet", {"n": 1, "bottleneck": True}), ("densenet", {"depth": 13, "k": 6})),
    *(("nin", {}), ("bn_nin", {}), ("all_cnn", {}), ("tiny", {}), ("resnet_cifar", {})),
]


@pytest.mark.parametrize(("net", "settings"), KINDS)
def test_the_mean_of_a_map_plus_the_bias_is_the_score(net: str, settings: dict[str, object]) -> None:
    """After a few steps of training on `shapes`, so that weights, biases and norms are no more what they began as."""
    torch.manual_seed(1)
    module = netdsl.compile(net, **settings)
    data = synthetic.shapes(96, 8)
    images, labels = Normalization.of(data.train_images)(data.train_images), data.train_labels
    optimizer = torch.optim.SGD(module.parameters(), lr=0.02, momentum=0.9)
    for start in range(0, 96, 16):
        optimizer.zero_grad()
        functional.cross_entropy(module(images[start : start + 16]), labels[start : start + 16]).backward()
        optimizer.step()
    check_identity(module.eval(), images[:16])


def test_squeezenet_with_real_weights() -> None:
    module = netdsl.compile("squeezenet").eval()
    netdsl.load_weights(module, real(SQUEEZENET))
    check_identity(module, torch.cat([photograph(name) for name in ("chelsea", "coffee", "rocket")]))


@pytest.mark.parametrize(
    ("end", "exact"),
    [
        ("G F5", True),
        ("G D.5 F5", True),
        ("G F5n", True),
        ("G F5 S", True),
        ("G flatten F5 D.3", True),
        ("D.5 G C1-5", True),
        ("A8 F5", True),
        ("C1-5 G", True),
        ("C1-5 R G", True),
        ("C1-5 R D.2 G S", True),
        ("B R G F5", True),
        ("A4 G F5", True),
        ("A4 F5", False),
        ("A8p1 F5", False),
        ("G F9 R F5", False),
        ("G F9 F5", False),
        ("G B F5", False),
        ("G R F5", False),
        ("F5", False),
        ("M8 F5", False),
        ("C8-5v", False),
        ("A8 G F5", False),
        ("add { G F5 | A8 F5 }", False),
    ],
)
def test_which_ends_can_have_it(end: str, exact: bool) -> None:
    end = end.removesuffix(" S")  # whose scores are asked for by their node
    module = made(f"net a {{ input 3x8x8  C3-6 R {end} }}")
    if exact:
        check_identity(module, torch.randn(3, 3, 8, 8))
        return
    with pytest.raises(DiagnosticsError) as raised:
        ClassMaps(module)
    found = raised.value.diagnostics[0]
    assert found.code == "NET604" and "--method grad-cam" in found.note and "netdsl convert" in found.note


def test_vgg_says_why() -> None:
    with pytest.raises(DiagnosticsError) as raised:
        map_place(netdsl.compile_network("vgg16"), netdsl.compile_network("vgg16").output_node)
    assert "`relu15` before the scores of `linear3`" in raised.value.diagnostics[0].found


def test_equation_by_hand() -> None:
    """M_c(x, y) = sum over k of w_ck f_k(x, y)."""
    module = made("net a { input 2x4x6  C3-3 R G F2 }")
    x = torch.randn(1, 2, 4, 6)
    with torch.no_grad():
        features = functional.relu(functional.conv2d(x, module.conv1.weight, module.conv1.bias, padding=1))
        _, maps = ClassMaps(module)(x)
        for c in range(2):
            by_hand = sum(module.linear1.weight[c, k] * features[0, k] for k in range(3))
            assert torch.allclose(maps[0, c], by_hand, atol=1e-6)


def test_chosen_classes_are_those_of_all() -> None:
    x = torch.randn(3, 3, 8, 8)
    classes = torch.tensor([[4, 0], [1, 1], [2, 3]])
    for end in ("G F5", "C1-5 R G"):
        maps = ClassMaps(made(f"net a {{ input 3x8x8  C3-6 R {end} }}"))
        with torch.no_grad():
            _, features = maps.look(x)
            every, some = maps.maps(features), maps.maps(features, classes)
        for image in range(3):
            for place, number in enumerate(classes[image]):
                assert torch.allclose(some[image, place], every[image, number], atol=1e-6)


def test_signed_is_before_the_last_relu() -> None:
    module = made("net a { input 3x8x8  C3-6 R C1-5 R G }")
    x = torch.randn(3, 3, 8, 8)
    with torch.no_grad():
        _, maps = ClassMaps(module)(x)
        scores, signed = ClassMaps(module, signed=True)(x)
    assert signed.min() < 0 and torch.equal(signed.relu(), maps)
    assert torch.equal(scores, module(x))
    weighed = made("net a { input 3x8x8  C3-6 R G F5 }")
    with torch.no_grad():
        both = [ClassMaps(weighed, signed=signed)(x)[1] for signed in (True, False)]
    assert torch.equal(*both), "a map that is weighed has both signs"


def test_heads() -> None:
    text = """net a { input 3x8x8  C3-6 R @x
      head one from @x { C3-4 R G F3 }
      head two from @x { G F5 } }"""
    module = made(text)
    network = network_of(module)
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        outputs = module(x)
        for name, classes in (("one", 3), ("two", 5)):
            maps = ClassMaps(module, network.heads[name].node)
            scores, found = maps(x)
            assert torch.equal(scores, outputs[name]) and found.shape == (2, classes, 8, 8)
            assert torch.allclose(found.mean((2, 3)) + maps.bias, scores, atol=1e-5)


def test_one_and_three_axes() -> None:
    for shape in ("3x20", "3x4x6x5"):
        module = made(f"net a {{ input {shape}  C3-6 R G F5 }}")
        check_identity(module, torch.randn(2, *map(int, shape.split("x"))))


def test_weights_are_shared_and_stay_trainable() -> None:
    module = made("net a { input 3x8x8  C3-6 R G F5 }")
    maps = ClassMaps(module)
    assert {id(p) for p in maps.parameters()} == {id(p) for p in module.parameters()}
    with torch.no_grad():
        module.get_parameter("linear1.weight").mul_(2)
    x = torch.randn(1, 3, 8, 8)
    check_identity(module, x)
    _, found = maps(x)
    found.sum().backward()
    assert all(
        isinstance(p, nn.Parameter) and p.grad is not None for n, p in module.named_parameters() if "bias" not in n
    )
