"""Upsampling, padding and shuffling: the pastiche network's and ShuffleNet's numbers."""

from fractions import Fraction

import pytest
import torch

from .making import codes, early_problems, fmap, make


@pytest.mark.parametrize(
    ("x", "scale", "output", "code"),
    [("64x64x64", 2, "64x128x128", "U2"), ("8x5", 3, "8x15", "U3"), ("8x4x5x6", (1, 2, 2), "8x4x10x12", "U1x2x2")],
)
def test_upsampling(x: str, scale: int | tuple[int, ...], output: str, code: str) -> None:
    layer = make("U", fmap(x), scale=scale)
    assert (str(layer.output(fmap(x))), layer.code) == (output, code)
    assert layer.passes_mean


def test_upsampling_divides_the_jump() -> None:
    x = fmap("8x4x4")
    for mode, neighbours in (("nearest", 0), ("bilinear", 1)):
        slides = make("upsample", x, scale=2, mode=mode).reach(x)
        assert [(slide.reach, slide.step) for slide in slides] == [(neighbours, Fraction(1, 2))] * 2


def test_what_an_upsampled_pixel_takes_from() -> None:
    """Twice as large, bilinear: pixel 3 lies at 1.25 of the input, pixel 4 at 1.75; nearest takes input 1, then 2."""
    x = fmap("8x4x4")
    nearest, bilinear = (make("upsample", x, scale=2, mode=mode).reach(x)[0] for mode in ("nearest", "bilinear"))
    assert [nearest.read(j, j) for j in (3, 4)] == [(1, 1), (2, 2)]
    assert [bilinear.read(j, j) for j in (3, 4)] == [(1, 2), (1, 2)]
    assert make("upsample", x, scale=3, mode="bilinear").reach(x)[0].read(4, 4) == (1, 1)  # in the middle of one


def test_the_mode_needs_the_full_name() -> None:
    x = fmap("8x4x4")
    assert make("U", x, scale=2, mode="bilinear").code == "upsample(2, mode=bilinear)"
    assert codes(early_problems("U", x, scale=2, mode="cubic")) == ["NET206"]
    assert codes(early_problems("U", x)) == ["NET205"]
    assert codes(early_problems("U", x, scale=(2, 2, 2))) == ["NET303"]


def test_bilinear_upsampling_is_torchs_without_aligned_corners() -> None:
    x = torch.randn(1, 8, 4, 4)
    y = make("U", fmap("8x4x4"), scale=2, mode="bilinear").lower(fmap("8x4x4"))(x)
    torch.testing.assert_close(y, torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear"))


@pytest.mark.parametrize("mode", ["zero", "reflect", "replicate"])
def test_padding_around_the_map(mode: str) -> None:
    x = fmap("3x32x32")
    layer = make("pad", x, padding=4, mode=mode)
    assert str(layer.output(x)) == "3x40x40"
    y = layer.lower(x)(torch.arange(3 * 32 * 32.0).reshape(1, 3, 32, 32))
    corner = {"zero": 0.0, "reflect": 4 * 32 + 4.0, "replicate": 0.0}[mode]
    assert y[0, 0, 0, 0] == corner


def test_height_is_padded_before_width() -> None:
    x = fmap("3x4x6")
    layer = make("pad", x, padding=(1, 2))
    assert (layer.output(x).size, tuple(layer.lower(x)(torch.zeros(1, 3, 4, 6)).shape[2:])) == ((6, 10), (6, 10))
    assert layer.code == "pad(1x2)"


def test_a_mirror_shorter_than_its_image() -> None:
    x = fmap("3x4x4")
    (problem,) = make("pad", x, padding=4, mode="reflect").problems(x)
    assert (problem.code, problem.replacement) == ("NET312", "pad(3, mode=reflect)")


def test_shufflenets_channels() -> None:
    x = fmap("6x1x1")
    y = make("shuffle", x, groups=2).lower(x)(torch.arange(6.0).reshape(1, 6, 1, 1))
    assert y.flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_shuffling_needs_whole_groups() -> None:
    x = fmap("10x4x4")
    (problem,) = make("shuffle", x, groups=4).problems(x)
    assert (problem.code, problem.found, problem.replacement) == ("NET302", "10 channels", "shuffle(2)")
