"""Windows, one axis at a time: numbers people know, torch's pooling, and what brute force counts."""

from fractions import Fraction

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netdsl.geometry import FeatureMap, TransposedWindow, Window

quick = settings(max_examples=150, deadline=None, derandomize=True)
sizes = st.integers(1, 40)
windows = st.builds(
    Window,
    kernel_size=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    ceil_mode=st.booleans(),
)


@pytest.mark.parametrize(
    ("window", "n", "output", "net"),
    [
        (Window(11, 4, 2), 224, 55, "AlexNet, first convolution"),
        (Window(11, 4), 227, 55, "AlexNet as Caffe has it"),
        (Window(3, 2), 55, 27, "AlexNet, overlapping pool"),
        (Window(7, 2, 3), 224, 112, "ResNet and GoogLeNet, first convolution"),
        (Window(3, 2, 1), 112, 56, "ResNet, first pool"),
        (Window(3, 2, ceil_mode=True), 112, 56, "GoogLeNet as Caffe has it, first pool"),
        (Window(3, 2), 224, 111, "SqueezeNet 1.1, first convolution"),
        (Window(2, 2), 7, 3, "a stride that does not divide"),
        (Window(2, 2, ceil_mode=True), 7, 4, "the same in ceil mode"),
        (Window(5), 32, 28, "LeNet-5, first convolution"),
        (Window(3, 1, 2, dilation=2), 64, 64, "a dilated convolution that keeps the size"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_output_sizes_of_known_nets(window: Window, n: int, output: int, net: str) -> None:
    assert window.output_size(n) == output


def test_numel_and_text_of_a_feature_map() -> None:
    assert FeatureMap(512, (7, 7)).numel == 25_088
    assert str(FeatureMap(96, (55, 55))) == "96x55x55"
    assert str(FeatureMap(4096)) == "4096"
    assert FeatureMap(3, (224, 224)).shape == (3, 224, 224)


@quick
@given(window=windows, n=sizes)
def test_max_pool_of_torch_gives_the_same_size(window: Window, n: int) -> None:
    assume(window.padding <= window.kernel_size // 2)
    numbers = (window.kernel_size, window.stride, window.padding, window.dilation)
    x = torch.zeros(1, 1, n)
    if window.output_size(n) >= 1:
        y = torch.nn.functional.max_pool1d(x, *numbers, ceil_mode=window.ceil_mode)
        assert y.shape[-1] == window.output_size(n)
    else:
        with pytest.raises(RuntimeError):
            torch.nn.functional.max_pool1d(x, *numbers, ceil_mode=window.ceil_mode)


@quick
@given(window=windows, n=sizes)
def test_unread_pixels_are_those_behind_the_last_window(window: Window, n: int) -> None:
    positions = window.output_size(n)
    assume(positions >= 1)
    starts = [position * window.stride - window.padding for position in range(positions)]
    last = starts[-1] + window.extent - 1
    assert window.unread(n) == sum(pixel > last for pixel in range(n))


@quick
@given(window=windows, n=sizes)
def test_floor_mode_counts_the_places_where_the_window_stands(window: Window, n: int) -> None:
    assume(not window.ceil_mode and window.fits(n))
    places = range(0, n + 2 * window.padding - window.extent + 1, window.stride)
    assert window.output_size(n) == len(places)


@quick
@given(k=st.integers(0, 3), stride=st.integers(1, 5), dilation=st.integers(1, 3), n=sizes)
def test_half_padding_gives_the_size_over_the_stride_rounded_up(k: int, stride: int, dilation: int, n: int) -> None:
    window = Window(2 * k + 1, stride, dilation * k, dilation)
    assert window.output_size(n) == -(-n // stride)


@quick
@given(first=windows, second=windows)
def test_slides_of_a_chain_multiply(first: Window, second: Window) -> None:
    """One unit behind two windows sees what a single window of that reach and step would see."""
    seen = [
        b * second.dilation * first.stride + a * first.dilation
        for b in range(second.kernel_size)
        for a in range(first.kernel_size)
    ]
    assert max(seen) - min(seen) == first.slide.reach + second.slide.reach * first.slide.step


@quick
@given(
    window=st.builds(
        TransposedWindow,
        kernel_size=st.integers(1, 7),
        stride=st.integers(1, 5),
        padding=st.integers(0, 3),
        dilation=st.integers(1, 3),
        output_padding=st.integers(0, 4),
    ),
    n=sizes,
)
def test_transposed_convolution_of_torch_gives_the_same_size(window: TransposedWindow, n: int) -> None:
    assume(window.output_size(n) >= 1)
    assume(window.output_padding < max(window.stride, window.dilation))
    y = torch.nn.functional.conv_transpose1d(
        torch.zeros(1, 1, n),
        torch.zeros(1, 1, window.kernel_size),
        stride=window.stride,
        padding=window.padding,
        output_padding=window.output_padding,
        dilation=window.dilation,
    )
    assert y.shape[-1] == window.output_size(n)


def test_a_transposed_window_divides_the_jump() -> None:
    slide = TransposedWindow(4, 2, 1).slide
    assert (slide.reach, slide.step) == (1, Fraction(1, 2))
    assert [slide.read(j, j) for j in range(4)] == [(-1, 0), (0, 1), (0, 1), (1, 2)]  # two inputs write each output
    assert TransposedWindow(4, 2, 1).output_size(7) == 14
