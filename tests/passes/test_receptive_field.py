"""Receptive fields and jumps that are published, and the rules at joins, pools and upsampling."""

from fractions import Fraction

import pytest

from netdsl.compiler import compile_network
from netdsl.ir.network import Field, Network

from .laying_out import laid_out

VGG16_POOLS = (6, 16, 44, 100, 212)  # Araujo et al. 2019, doi:10.23915/distill.00021


def fields(network: Network, op: str) -> list[Field]:
    pairs = zip(network.nodes, network.fields, strict=True)
    return [field for node, field in pairs if node.layer.name == op]


def test_vgg16():
    network = compile_network("vgg16")
    assert tuple(f.size for f in fields(network, "max_pool")) == tuple((n, n) for n in VGG16_POOLS)
    assert fields(network, "max_pool")[-1].jump == (32, 32)
    assert fields(network, "conv")[-1].size == (196, 196)


def test_alexnet():
    network = compile_network("alexnet")
    assert [f.size[0] for f in fields(network, "conv")] == [11, 51, 99, 131, 163]
    assert [f.size[0] for f in fields(network, "max_pool")] == [19, 67, 195]
    assert [f.jump for f in fields(network, "max_pool")] == [(8, 8), (16, 16), (32, 32)]


def resnet50(stages: list[tuple[int, int, int]], stride_in_last: bool) -> str:
    """The trunk, biases and norms left out; each stage's stride stands in the 3x3 of its first or its last unit."""
    units = []
    for filters, stride, count in stages:
        strided = count - 1 if stride_in_last else 0
        strides = [stride if i == strided else 1 for i in range(count)]
        units += [f"residual {{ C1-{filters} R C3-{filters}/{s} R C1-{4 * filters} }} R" for s in strides]
    return "C7-64/2 R P3/2s " + " ".join(units)


def test_resnet50():
    """483 pixels in the form whose last units have the strides: Araujo et al. 2019, table 1; 427 in torchvision's."""
    last = laid_out(resnet50([(64, 2, 3), (128, 2, 4), (256, 2, 6), (512, 1, 3)], stride_in_last=True), 3, 224, 224)
    assert last.fields[last.output_node] == Field((483, 483), (32, 32))
    first = laid_out(resnet50([(64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3)], stride_in_last=False), 3, 224, 224)
    assert first.fields[first.output_node] == Field((427, 427), (32, 32))


@pytest.mark.parametrize(
    ("text", "size", "jump"),
    [
        ("C3-8", (3, 3), (1, 1)),
        ("C3-8 R C3-8", (5, 5), (1, 1)),
        ("C3-8*3", (7, 7), (1, 1)),
        ("P C3-8", (6, 6), (2, 2)),
        ("C3-8d2", (5, 5), (1, 1)),
        ("C1x7-8 C7x1-8/2x1", (7, 7), (2, 1)),
        ("C5-8/2 C3-8", (9, 9), (2, 2)),
        ("U2 C3-8", (2, 2), (Fraction(1, 2), Fraction(1, 2))),
        ("P U2", (2, 2), (1, 1)),
        ("R B D.5", (1, 1), (1, 1)),
        ("add { C3-3 | C5-3 }", (5, 5), (1, 1)),
        ("concat { C3-3 C3-3 | id }", (5, 5), (1, 1)),
        ("C3-8 mul { G C1-8 sigmoid | id }", (3, 3), (1, 1)),
        ("G", (32, 32), None),
        ("C3-8 F10", (32, 32), None),
        ("concat { C3-8/2 R | C17-8v R }", (17, 17), None),
    ],
)
def test_rules(text, size, jump):
    network = laid_out(text)
    assert network.fields[network.output_node] == Field(size, jump)


def test_one_and_three_axes():
    assert laid_out("C3-8/2 C3-8", 2, 50).fields[-1] == Field((7,), (2,))
    assert laid_out("C3x1x1-8 P", 1, 8, 8, 8).fields[-1] == Field((4, 2, 2), (2, 2, 2))


@pytest.mark.parametrize(("text", "size"), [("U4 C3-4 C3-4", 2), ("U4 C3-4 C3-4 C3-4", 3), ("U2 C3-4", 2)])
def test_fields_behind_an_upsampling_are_rounded_once(text, size):
    """1 + 2 * 1/4 + 2 * 1/4 = 2 input pixels, as the gradients of a unit in the middle of a pixel show."""
    assert laid_out(text).fields[-1].size == (size, size)
