"""The map that each fully connected layer sees, by hand."""

import pytest

from netdsl import DiagnosticsError
from netdsl.compiler import compile_network
from netdsl.convolving.kernels import Seen, kernels
from netdsl.geometry import FeatureMap


def of(text: str, image: FeatureMap | None = None) -> list[tuple[int, int, tuple[int, ...]]]:
    return [
        (seen.in_channels, seen.out_features, seen.kernel_size) for seen in kernels(compile_network(text, given=image))
    ]


def test_vgg16() -> None:
    assert of("vgg16") == [(512, 4096, (7, 7)), (4096, 4096, (1, 1)), (4096, 1000, (1, 1))]


def test_a_map_that_is_not_square() -> None:
    assert of("C3-8 R P F5", FeatureMap(3, (12, 20))) == [(8, 5, (6, 10))]


def test_one_axis_and_three() -> None:
    assert of("C3-8 R F5", FeatureMap(1, (9,))) == [(8, 5, (9,))]
    assert of("C3-8 R F5", FeatureMap(1, (4, 6, 8))) == [(8, 5, (4, 6, 8))]


def test_what_is_flattened_first_is_seen_as_the_map_that_it_was() -> None:
    assert of("C3-8 R flatten D.5 R F5 R F3", FeatureMap(3, (6, 6))) == [(8, 5, (6, 6)), (5, 3, (1, 1))]


def test_behind_a_global_pool_it_is_one_pixel() -> None:
    assert of("C3-8 R G F5", FeatureMap(3, (6, 6))) == [(8, 5, (1, 1))]


def test_branches() -> None:
    assert of("C3-8 R mul { id | G F2 R F8 sigmoid } F5", FeatureMap(3, (6, 6))) == [
        (8, 2, (1, 1)),
        (2, 8, (1, 1)),
        (8, 5, (6, 6)),
    ]


def test_a_norm_of_every_unit_is_none_of_the_channels() -> None:
    with pytest.raises(DiagnosticsError, match=r"NET636.*`B` would be another layer"):
        of("C3-8 R flatten B R F5", FeatureMap(3, (6, 6)))


def test_a_map_has_more_than_one_pixel() -> None:
    assert Seen(1, 8, 5, (1, 2)).is_map
    assert not Seen(1, 8, 5, (1, 1)).is_map
