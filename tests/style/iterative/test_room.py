"""Memory, worked out for VGG-19 by hand, and what is said where it does not suffice."""

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.iterative import room
from netdsl.style.iterative.fit import history_of
from netdsl.style.iterative.objective import Terms
from netdsl.style.iterative.room import check_room, free_memory, need
from netdsl.style.iterative.settings import Settings
from netdsl.style.loss.network import loss_network

TERMS = Terms({"conv2_2": 1.0}, {"conv1_1": 1.0, "conv3_1": 1.0})
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network(random_weights):
    return loss_network(random_weights, TERMS.layers())


def test_bytes_of_a_pixel(network) -> None:
    """conv1_x: 64 numbers each; pool: 16; conv2_x: 32 each; pool: 8; conv3_1: 16. Pools keep places too."""
    kept = 4 * (64 + 64 + 16 + 32 + 32 + 8 + 16) + 8 * (16 + 8)
    passing = 64 * (3 * 4 + 4)
    found = need(network, TERMS, (100, 200), "adam", None, 0)
    assert found.maps == 20_000 * (kept + passing) + 20_000 * 4 * 32  # the content's conv2_2
    assert found.optimizer == 3 * 20_000 * 4 * 8
    assert need(network, TERMS, (100, 200), "lbfgs", None, 0).optimizer == 3 * 20_000 * 4 * (12 + 2 * 50)


def test_with_tiles_the_maps_do_not_grow_with_the_picture(network) -> None:
    """Apart from the content's, whole: 128 bytes for each pixel here."""
    small, large = (need(network, TERMS, (side, side), "adam", 256, 0) for side in (1024, 2048))
    assert large.maps - small.maps == 128 * (2048**2 - 1024**2)
    assert small.maps < 0.25 * need(network, TERMS, (1024, 1024), "adam", None, 0).maps


def test_lbfgs_remembers_fewer_steps_of_a_large_picture() -> None:
    assert history_of(3 * 512 * 512) == 50
    assert history_of(3 * 4096 * 3072) == 7
    assert history_of(3 * 16384 * 16384) == 4


def refused(network, free, monkeypatch, **changes):
    monkeypatch.setattr(room, "free_memory", lambda place: free)
    with pytest.raises(DiagnosticsError) as caught:
        check_room(Settings(size=4096, **changes), network, TERMS, (3072, 4096), 0, CPU)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET659"
    return problem


def test_what_would_fit_is_said(network, monkeypatch) -> None:
    problem = refused(network, 12 * 2**30, monkeypatch)
    assert "4096x3072" in problem.message and problem.expected == "12GiB, which are free"
    assert problem.note is not None
    tile, size = (words.split()[1] for words in problem.note.removesuffix(" would fit").split(" or "))
    assert need(network, TERMS, (3072, 4096), "lbfgs", int(tile), 0).whole <= 12 * 2**30
    size = int(size)
    assert need(network, TERMS, (size * 3 // 4, size), "lbfgs", None, 0).whole <= 12 * 2**30
    assert "--tile" not in (refused(network, 2**28, monkeypatch).note or "")


def test_a_style_as_large_as_the_picture_shrinks_with_it(network, monkeypatch) -> None:
    monkeypatch.setattr(room, "free_memory", lambda place: 2**30)
    for settings, proposed in ((Settings(size=4096), True), (Settings(size=4096, style_size=8192), False)):
        with pytest.raises(DiagnosticsError) as caught:
            check_room(settings, network, TERMS, (3072, 4096), 8192 * 8192, CPU)
        assert ("--size" in str(caught.value.diagnostics[0].note)) is proposed


def test_what_fits_is_not_refused(network, monkeypatch) -> None:
    monkeypatch.setattr(room, "free_memory", lambda place: 12 * 2**30)
    check_room(Settings(size=4096, tile=512), network, TERMS, (3072, 4096), 0, CPU)
    monkeypatch.setattr(room, "free_memory", lambda place: None)
    check_room(Settings(size=4096), network, TERMS, (3072, 4096), 0, CPU)


def test_a_control_group_with_a_limit(tmp_path) -> None:
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 2500\ninactive_file 400\nactive_file 100\n")
    assert room._allowed(tmp_path) == 2400
    (tmp_path / "memory.max").write_text("max\n")
    assert room._allowed(tmp_path) == room._allowed(tmp_path / "none") == room.UNBOUND


def test_there_is_memory_here() -> None:
    free = free_memory(CPU)
    assert free is None or free > 2**20
    assert free_memory(torch.device("meta")) is None
