"""Halves of a data set's classes."""

import pytest

from netdsl import data
from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.experiments.halves import Halves, halves

CLASSES = set(data.class_names("cifar10"))


def test_animals_and_vehicles():
    found = halves("cifar10", "animals", 0)
    assert found.a == ("bird", "cat", "deer", "dog", "frog", "horse")
    assert set(found.a) | set(found.b) == CLASSES and not set(found.a) & set(found.b)
    assert halves("cifar10+", "vehicles", 5) == Halves(found.b, found.a)


def test_random_halves_are_the_seeds():
    found = [halves("cifar10", "random", seed) for seed in range(8)]
    for each in found:
        assert len(each.a) == len(each.b) == 5 and set(each.a + each.b) == CLASSES
    assert found == [halves("cifar10", "random", seed) for seed in range(8)]
    assert len(set(found)) > 4


def test_named_classes():
    assert halves("cifar10", "cat, 5/ship,truck", 0) == Halves(("cat", "dog"), ("ship", "truck"))


@pytest.mark.parametrize(
    ("name", "split", "code"),
    [
        ("cifar10", "cat,dog", "NET575"),
        ("cifar10", "cat,dog/ship,truck/frog,deer", "NET575"),
        ("cifar10", "cat,dog/dog,truck", "NET575"),
        ("cifar10", "cat/dog,truck", "NET575"),
        ("cifar10", "cat,/dog,truck", "NET535"),
        ("cifar10", "cat,dgo/ship,truck", "NET535"),
        ("mnist", "animals", "NET575"),
        ("cifr10", "random", "NET510"),
    ],
)
def test_halves_that_are_none(name, split, code):
    with pytest.raises(DiagnosticsError) as caught:
        halves(name, split, 0)
    assert [d.code for d in caught.value.diagnostics] == [code]
