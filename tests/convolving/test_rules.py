"""The rules for some layers, written out."""

import re

import pytest

from netdsl import DiagnosticsError
from netdsl.compiler import compile_network
from netdsl.convolving.kernels import kernels
from netdsl.convolving.rules import rules, unlike
from netdsl.geometry import FeatureMap

SIX = FeatureMap(3, (6, 6))


def plain(text: str, taken: frozenset[str] = frozenset()) -> list[str]:
    """The rules for an `F` whose text says nothing of its bias."""
    network = compile_network(text, given=SIX)
    made = rules(network, kernels(network), taken)
    return [rule for rule in made if not re.search(r"[\d}][bn] ->", rule)]


def test_one_kernel_is_one_convolution() -> None:
    assert plain("C3-8 R F5") == ["F{n} -> C6-{n}v"]


def test_more_kernels_are_told_apart_by_the_channels_that_come_in() -> None:
    assert plain("C3-8 R F5 R F4 R F3") == ["F{n} -> if here.channels == 8 { C6-{n}v } else { C1-{n} }"]


def test_of_the_same_channels_by_the_units() -> None:
    assert plain("C3-8 R F8 R F4 R F3") == [
        "F8 -> C6-8v",
        "F4 -> C1-4",
        "F3 -> C1-3",
    ]


def test_those_that_are_the_same_but_for_the_map_are_refused() -> None:
    with pytest.raises(DiagnosticsError, match="NET637"):
        plain("C3-8 R F8 R F8 R F3")


def test_maps_that_are_not_square() -> None:
    network = compile_network("C3-8 R F5", given=FeatureMap(3, (6, 10)))
    assert rules(network, kernels(network), ())[0] == "F{n} -> C6x10-{n}v"


def test_flattening_hands_its_map_on() -> None:
    assert plain("C3-8 R flatten F5") == ["flatten -> id", "F{n} -> C6-{n}v"]


def test_each_spelling_of_the_bias_has_its_rule() -> None:
    network = compile_network("C3-8 R F5", given=SIX)
    assert rules(network, kernels(network), ()) == ["F{n} -> C6-{n}v", "F{n}b -> C6-{n}vb", "F{n}n -> C6-{n}vn"]


def test_the_hole_has_a_name_of_its_own() -> None:
    assert plain("C3-8 R F5", frozenset({"n"})) == ["F{n_} -> C6-{n_}v"]
    assert unlike("n", {"n", "n_"}) == "n__"
