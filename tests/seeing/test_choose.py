"""Classes by name, number, probability."""

import pytest
import torch

from netdsl.data.imagenet import class_names
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.choose import chosen

NAMES = ("cat", "Dog", "sea horse", "3")
SCORES = torch.tensor([[0.0, 3.0, 1.0, 2.0], [5.0, 4.0, 3.0, 2.0]])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), [[1], [0]]),
        (("top",), [[1], [0]]),
        (("top3",), [[1, 3, 2], [0, 1, 2]]),
        (("top9",), [[1, 3, 2, 0], [0, 1, 2, 3]]),
        (("all",), [[1, 3, 2, 0], [0, 1, 2, 3]]),
        (("dog", "cat", "dog"), [[1, 0], [1, 0]]),
        (("Sea Horse",), [[2], [2]]),
        (("2",), [[2], [2]]),
        (("3",), [[3], [3]]),
        (("sea horse", "top2"), [[2, 1, 3], [2, 0, 1]]),
        (("cat", "all"), [[0, 1, 3, 2], [0, 1, 2, 3]]),
    ],
)
def test_chosen(words, expected):
    assert chosen(words, NAMES).of(SCORES).tolist() == expected


def test_the_nearest_names_are_said():
    with pytest.raises(DiagnosticsError) as raised:
        chosen(("egyptian cap",), class_names())
    assert raised.value.diagnostics[0].code == "NET605"
    assert "did you mean `Egyptian cat`?" in str(raised.value)
    with pytest.raises(DiagnosticsError) as raised:
        chosen(("shark",), class_names())
    assert "`great white shark` or `tiger shark`" in raised.value.diagnostics[0].note
    with pytest.raises(DiagnosticsError):
        chosen(("4",), NAMES)
    with pytest.raises(DiagnosticsError) as raised:
        chosen(("qqqqqq",), NAMES)
    assert raised.value.diagnostics[0].note == ""
    assert raised.value.diagnostics[0].expected == "cat, Dog, sea horse, 3; or a number from 0 to 3, top, top5, all"
