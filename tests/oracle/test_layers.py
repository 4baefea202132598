"""Every rule of every layer against torch: shapes, parameters, buffers, MACs, refusals, and the code that says it."""

import warnings
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from netdsl.layers import Layer
from netdsl.layers.attributes import argument_problems
from netdsl.layers.tagged import Tied

from .reading import read_code
from .strategies import KINDS, STRATEGIES, TAGGED, cases

IMAGES = 2
REFUSED_BY_TORCH = {"NET301", "NET302", "NET304", "NET306", "NET307", "NET312", "NET309", "NET314", "NET316"}
BROADCAST = ("add", "gate", "max", "mean", "mul")  # torch takes some of the branches that we refuse
CROPPED = ("subsample", "crop")  # torch crops by a negative padding, and what has other axes


def test_every_layer_has_a_strategy() -> None:
    assert set(STRATEGIES) == set(KINDS)


def inputs(x: Any, images: int = IMAGES, **options: Any) -> list[torch.Tensor]:
    maps = x if isinstance(x, tuple) else (x,)
    return [torch.zeros(images, *y.shape, **options) for y in maps]


def weights(layer: Layer) -> list[torch.Tensor]:
    """What a layer without weights of its own is called with."""
    if not isinstance(layer, Tied):
        return []
    return [torch.zeros(layer.in_channels, layer.out_channels // layer.groups, *layer.kernel_size)]


def check_against_torch(layer: Layer, x: Any) -> None:
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        module = layer.lower(x).train()
        counter = FlopCounterMode(display=False)
        with counter:
            y = module(*inputs(x), *weights(layer))
    assert tuple(y.shape[1:]) == layer.output(x).shape
    assert sum(p.numel() for p in module.parameters()) == layer.params(x)
    assert sum(b.numel() for b in module.buffers()) == layer.buffers(x)
    assert counter.get_total_flops() == 2 * IMAGES * layer.macs(x)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_layer_is_what_torch_makes_of_it(name: str, data: st.DataObject) -> None:
    given_, x = data.draw(cases(name))
    kind = KINDS[name]
    assert not list(argument_problems(name, kind.signature, given_))
    if list(kind.shape_problems(given_, x)):
        return
    layer = kind.build(given_, x)
    x = kind.sees(given_, x)
    problems = list(layer.problems(x))
    if not problems:
        check_against_torch(layer, x)
        list(layer.warnings(x))
    elif name not in BROADCAST + CROPPED:
        assert {p.code for p in problems} <= REFUSED_BY_TORCH
        assert is_refused_by_torch(layer, x)
    for problem in problems:
        if problem.replacement:
            check_replacement(problem.code, problem.replacement, x)
    if name in TAGGED:
        return  # its code names a place, which has the rest of its numbers
    assert without_bias(read_code(layer.code, x)) == without_bias(layer)


def is_refused_by_torch(layer: Layer, x: Any) -> bool:
    try:
        return layer.lower(x).train()(*inputs(x, images=1), *weights(layer)).numel() == 0
    except (RuntimeError, ValueError, IndexError):
        return True


def check_replacement(code: str, replacement: str, x: Any) -> None:
    """What a help line says to type in must be right, or at least wrong about something else."""
    assert code not in {p.code for p in read_code(replacement, x).problems(x)}


def without_bias(layer: Layer) -> Layer:
    """A code leaves the bias of C, T and F to `settle_bias`."""
    return replace(layer, bias=None) if layer.name in ("conv", "conv_transpose", "linear") else layer
