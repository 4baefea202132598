"""Dropout: AlexNet's probability, the trap of `D5`, whole channels."""

import pytest
import torch

from .making import codes, early_problems, fmap, make

X = fmap("16x8x8")


def test_alexnets_dropout() -> None:
    assert make("D", X) == make("D", X, p=0.5) == make("dropout", X)
    assert make("D", X).code == "D.5"


@pytest.mark.parametrize(("p", "code"), [(0.5, "D.5"), (0.05, "D.05"), (0, "D0"), (1e-7, "dropout(1e-07)")])
def test_codes(p: float, code: str) -> None:
    assert make("D", X, p=p).code == code


@pytest.mark.parametrize(
    ("word", "p", "replacement"),
    [("D", 5, ".5"), ("D", 25, ".25"), ("dropout", 50, ".5"), ("spatial_dropout", 2, ".2")],
)
def test_a_point_that_was_forgotten(word: str, p: int, replacement: str) -> None:
    (problem,) = early_problems(word, X, p=p)
    assert (problem.code, problem.expected) == ("NET206", "a probability: from 0 to below 1")
    assert (problem.replacement, problem.argument) == (replacement, "p")


@pytest.mark.parametrize("p", [1, 1.0, -0.1, True, "half", 200])
def test_what_is_no_probability(p: object) -> None:
    assert codes(early_problems("D", X, p=p)) == ["NET206"]


def test_whole_channels_are_dropped() -> None:
    torch.manual_seed(1)
    y = make("spatial_dropout", X).lower(X)(torch.ones(4, 16, 8, 8))
    assert set(y.mean(dim=(2, 3)).flatten().tolist()) == {0.0, 2.0}


def test_masks_are_kept() -> None:
    assert make("D", X).scratch_bytes(X) == 1024
    assert make("D", X, p=0).scratch_bytes(X) == 0
    assert make("D", X, p=0).vanishes
