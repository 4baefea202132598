"""The receptive field of a chain, against what one raised input pixel really changes."""

from fractions import Fraction
from typing import Any

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netdsl.geometry import FeatureMap
from netdsl.layers import NAMES, Layer

from .strategies import Given

PIXELS = 96

chains = settings(max_examples=80, deadline=None, derandomize=True)
odd = st.sampled_from((1, 3, 5))
downwards = st.one_of(
    st.tuples(
        st.just("conv"),
        st.fixed_dictionaries({"kernel_size": odd, "stride": st.integers(1, 2), "dilation": st.integers(1, 2)}),
    ),
    st.tuples(
        st.sampled_from(("max_pool", "avg_pool")),
        st.fixed_dictionaries({"kernel_size": st.integers(1, 3), "stride": st.integers(1, 2)}),
    ),
)
unit_stride = st.tuples(st.just("conv"), st.fixed_dictionaries({"kernel_size": odd}))
upwards = st.one_of(
    st.tuples(
        st.just("conv_transpose"),
        st.sampled_from(((1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (4, 4))).map(
            lambda numbers: {"kernel_size": numbers[0], "stride": numbers[1]}
        ),
    ),
    st.tuples(
        st.just("upsample"),
        st.fixed_dictionaries({"scale": st.integers(1, 3), "mode": st.sampled_from(("nearest", "bilinear"))}),
    ),
)


def built(specs: list[tuple[str, Given]], x: FeatureMap) -> list[tuple[Layer, FeatureMap]]:
    layers = []
    for name, given_ in specs:
        channels = {"out_channels": 1, "bias": False} if name.startswith("conv") else {}
        layer = NAMES[name].layer.build(given_ | channels, x)
        assume(not list(layer.problems(x)))
        layers.append((layer, x))
        x = layer.output(x)
    return layers


def by_arithmetic(layers: list[tuple[Layer, FeatureMap]]) -> tuple[Fraction, Fraction]:
    size, jump = Fraction(1), Fraction(1)
    for layer, x in layers:
        reach: Any = layer.reach(x)
        size += reach[0].reach * jump
        jump *= reach[0].step
    return size, jump


def by_raising_each_pixel(layers: list[tuple[Layer, FeatureMap]]) -> list[int]:
    """For each output unit whose field lies inside, the pixels from the first to the last that change it."""
    margin = by_arithmetic(layers)[0]
    y = torch.eye(PIXELS, dtype=torch.float64)[:, None]
    for layer, x in layers:
        module = layer.lower(x).double()
        for weight in module.parameters():
            torch.nn.init.uniform_(weight, 1, 2)
        y = module(y)
    changes = y[:, 0].detach() != 0
    seen = []
    for unit in changes.T:
        pixels = unit.nonzero().flatten().tolist()
        if pixels and pixels[0] >= margin and pixels[-1] < PIXELS - margin:
            seen.append(pixels[-1] - pixels[0] + 1)
    return seen


@chains
@given(st.lists(downwards, min_size=1, max_size=4))
def test_convolutions_and_pools(specs: list[tuple[str, Given]]) -> None:
    layers = built(specs, FeatureMap(1, (PIXELS,)))
    size, _ = by_arithmetic(layers)
    seen = by_raising_each_pixel(layers)
    assume(seen)
    assert set(seen) == {size}


@chains
@given(st.lists(downwards, max_size=2), upwards, st.lists(unit_stride, max_size=2))
def test_one_upsampling_on_the_way(
    before: list[tuple[str, Given]], upsampling: tuple[str, Given], after: list[tuple[str, Given]]
) -> None:
    """Behind an upsampling units see more or fewer pixels by their place; the arithmetic is right to less than one."""
    layers = built([*before, upsampling, *after], FeatureMap(1, (PIXELS,)))
    size, _ = by_arithmetic(layers)
    seen = by_raising_each_pixel(layers)
    assume(seen)
    _, one_pixel = by_arithmetic(layers[: len(before)])
    assert size - one_pixel < max(seen) < size + one_pixel


def test_rectangular_kernels_have_a_field_of_their_own_on_each_axis() -> None:
    x = FeatureMap(3, (32, 32))
    reach: Any = NAMES["conv"].layer.build({"kernel_size": (7, 1), "out_channels": 4, "stride": (2, 1)}, x).reach(x)
    assert [(slide.reach, slide.step) for slide in reach] == [(6, 2), (0, 1)]
