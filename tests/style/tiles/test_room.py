"""When a picture is painted in tiles without being asked."""

from netdsl.compiler import compile_network
from netdsl.style.tiles.room import needs_tiles, whole_bytes
from netdsl.style.tiles.steps import steps_of


def test_the_widest_place_of_the_thesis_net() -> None:
    """The last upsampling: 32 channels of half the size in, 32 of the whole size out; 16 convolved from them."""
    steps = steps_of(compile_network("pastiche.net"), (64, 80))
    assert whole_bytes(steps) == 4 * 64 * 80 * (32 + 16)


def test_large_pictures_only() -> None:
    network = compile_network("pastiche.net")
    assert not needs_tiles(network, (3001, 3000)) and needs_tiles(network, (3999, 3000))


def test_a_net_that_cannot_be_tiled_is_painted_whole() -> None:
    network = compile_network("net p { input 3xHxW C3-64 mul { id | G C1-64 sigmoid } C3-3 }")
    assert not needs_tiles(network, (8000, 8000))
