"""Nonlinearities: their codes, their torch modules, and what they keep for backward."""

import pytest
import torch

from .making import early_problems, fmap, make

X = fmap("8x6x6")


@pytest.mark.parametrize(
    ("word", "given", "code", "module"),
    [
        ("R", {}, "R", "ReLU()"),
        ("R", {"maximum": 6}, "R6", "ReLU6()"),
        ("relu6", {}, "R6", "ReLU6()"),
        ("R", {"maximum": 20}, "R20", "Hardtanh(min_val=0.0, max_val=20.0)"),
        ("tanh", {}, "tanh", "Tanh()"),
        ("tanh", {"scale": 150}, "tanh(scale=150)", "ScaledTanh(scale=150)"),
        ("sigmoid", {}, "sigmoid", "Sigmoid()"),
        ("leaky_relu", {}, "leaky_relu", "LeakyReLU(negative_slope=0.01)"),
        ("leaky_relu", {"negative_slope": 0.1}, "leaky_relu(0.1)", "LeakyReLU(negative_slope=0.1)"),
        ("elu", {}, "elu", "ELU(alpha=1)"),
        ("gelu", {}, "gelu", "GELU(approximate='none')"),
        ("gelu", {"approximate": "tanh"}, "gelu(approximate=tanh)", "GELU(approximate='tanh')"),
        ("silu", {}, "silu", "SiLU()"),
        ("hardswish", {}, "hardswish", "Hardswish()"),
        ("hardsigmoid", {}, "hardsigmoid", "Hardsigmoid()"),
        ("prelu", {}, "prelu", "PReLU(num_parameters=1)"),
        ("prelu", {"per_channel": True}, "prelu(per_channel=true)", "PReLU(num_parameters=8)"),
        ("S", {}, "S", "Softmax(dim=1)"),
    ],
)
def test_codes_and_modules(word: str, given: dict[str, object], code: str, module: str) -> None:
    layer = make(word, X, **given)
    assert (layer.code, str(layer.lower(X))) == (code, module)
    assert (layer.output(X), layer.macs(X), layer.reach(X)) == (X, 0, "pointwise")


def test_a_learned_slope_is_one_parameter_or_one_a_channel() -> None:
    assert make("prelu", X).params(X) == 1
    assert make("prelu", X, per_channel=True).params(X) == 8


def test_a_scaled_tanh() -> None:
    x = torch.randn(2, 8, 6, 6)
    torch.testing.assert_close(make("tanh", X, scale=150).lower(X)(x), 150 * torch.tanh(x))


def test_softmax_over_the_channels_of_each_pixel() -> None:
    y = make("S", X).lower(X)(torch.randn(2, 8, 6, 6))
    torch.testing.assert_close(y.sum(dim=1), torch.ones(2, 6, 6))


def test_relu_keeps_its_output_and_relu6_its_input() -> None:
    assert (make("R", X).saves_input, make("R", X).saves_output) == (False, True)
    assert (make("relu6", X).saves_input, make("relu6", X).saves_output) == (True, False)


def test_a_word_that_gelu_does_not_know() -> None:
    (problem,) = early_problems("gelu", X, approximate="fast")
    assert (problem.code, problem.expected) == ("NET206", "`none` or `tanh`")
