"""Calls of torch and Keras said as codes: the same kernel, filters, stride and padding."""

import pytest

from netdsl.syntax.torch_calls import call_as_code


@pytest.mark.parametrize(
    ("word", "arguments", "code"),
    [
        ("Conv2d", "3, 64, 3, padding=1", "C3-64"),
        ("Conv2d", "3, 64, 3", "C3-64v"),
        ("Conv2d", "3, 64, kernel_size=7, stride=2, padding=3", "C7-64/2"),
        ("Conv2d", "3, 64, 11, 4, 2", "C11-64/4p2"),
        ("Conv2D", "64, 3", "C3-64v"),
        ("Conv2D", '64, 3, padding="same"', "C3-64"),
        ("MaxPool2d", "2", "P2"),
        ("MaxPool2d", "3, 2", "P3/2"),
        ("MaxPool2d", "kernel_size=3, stride=2, padding=1", "P3/2p1"),
        ("AvgPool2d", "2, 2", "A2"),
        ("Linear", "512, 10", "F10"),
        ("Dense", "10", "F10"),
        ("Dropout", "0.5", "D.5"),
        ("BatchNorm2d", "64", "B"),
        ("ReLU", "inplace=True", "R"),
        ("C", "3, 64", "C3-64"),
        ("C", "3, 64, 2", "C3-64/2"),
        ("FC", "10", "F10"),
        ("Conv2d", "3, n, 3", None),
        ("Conv2d", "3", None),
        ("Wobble", "3", None),
    ],
)
def test_as_code(word, arguments, code):
    assert call_as_code(word, arguments) == code
