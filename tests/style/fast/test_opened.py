"""A run opened again paints as its net does, at any size, in any mixture."""

from pathlib import Path

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.fast.mixture import weights_of
from netdsl.style.fast.opened import open_fast
from netdsl.style.tiles.tiled import TILE
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.learning.normalize import VGG

from .conftest import learned

MEAN = torch.tensor(VGG.mean).view(1, 3, 1, 1)


def photo(height: int, width: int, count: int = 1) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(0)) * 255


def test_the_net_itself_between_0_and_255(two) -> None:
    net = open_fast(two, "cpu", "fp32")
    x = photo(32, 32, 3)
    weights = torch.stack([weights_of(net.names, {name: 1.0}) for name in ("wave", "night", "wave")])
    expected = (net.module(x - MEAN, torch.tensor([1, 0, 1])) + MEAN).clamp(0, 255)
    assert torch.allclose(net(x, weights), expected, atol=1e-3)
    assert not torch.allclose(net(x, weights)[1], net(x, weights.roll(1, 0))[1], atol=1)
    assert net.names == ("night", "wave") and net.conditioned


def test_a_mixture_mixes_scales_and_shifts(two) -> None:
    net = open_fast(two, "cpu", "fp32")
    weights = weights_of(net.names, {"night": 0.3, "wave": 0.7})
    by_net = net(photo(24, 40), weights)
    mixed = open_fast(two, "cpu", "fp32")
    for name, tensor in mixed.module.state_dict().items():
        if "instance_norm" in name:
            tensor.copy_((weights[:, None] * tensor).sum(0).expand_as(tensor))
    assert torch.allclose(mixed(photo(24, 40), torch.tensor([1.0, 0.0])), by_net, atol=1e-3)


@pytest.mark.parametrize("size", [(33, 47), (16, 64), (48, 32)])
def test_any_size(two, size) -> None:
    net = open_fast(two, "cpu", "fp32")
    assert net(photo(*size), weights_of(net.names, {"wave": 1.0})).shape[2:] == size


def test_bf16_is_nearly_the_same(two) -> None:
    full, half = open_fast(two, "cpu", "fp32"), open_fast(two, "cpu", "bf16")
    weights = weights_of(full.names, {"wave": 1.0})
    assert (full(photo(64, 64), weights) - half(photo(64, 64), weights)).abs().mean() < 3


def test_one_style_needs_no_weights(photos, paintings) -> None:
    net = open_fast(learned(photos, paintings[:1]).run, "cpu", "fp32")
    assert not net.conditioned and net(photo(32, 32)).shape == (1, 3, 32, 32)


def test_other_runs(two, quiet_place) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        evaluate(two)
    assert caught.value.diagnostics[0].code == "NET672"
    text = (two / "config.yaml").read_text()
    start = text.index("styles:")
    (two / "config.yaml").write_text(text[:start] + text[text.index("\n", start) + 1 :])
    with pytest.raises(DiagnosticsError) as caught:
        open_fast(two)
    assert caught.value.diagnostics[0].code == "NET672"
    with pytest.raises(DiagnosticsError) as caught:
        open_fast(Path("nothing"))
    assert caught.value.diagnostics[0].code == "NET552"


def test_tiles_are_the_whole(two) -> None:
    net, whole = open_fast(two, "cpu", "fp32"), open_fast(two, "cpu", "fp32")
    net.tile, told = 24, []
    net.watch = lambda done, of: told.append((done, of))
    weights = torch.stack([weights_of(net.names, {name: 1.0}) for name in ("wave", "night")])
    x = photo(61, 70, 2)
    assert torch.allclose(net(x, weights), whole(x, weights), atol=0.01)
    assert torch.allclose(net(x[:1], weights[0]), whole(x[:1], weights[0]), atol=0.01)
    assert len(told) > 30 and told[-1][0] == told[-1][1]
    told.clear()
    net(photo(24, 20), weights[0])  # no larger than a tile
    assert not told


def test_a_large_picture_is_tiled_by_itself(two) -> None:
    net = open_fast(two, "cpu", "fp32")
    assert net.tile_for((512, 512)) is None and net.tile_for((9000, 9000)) == TILE
    net.tile = 100
    assert net.tile_for((512, 30)) == 100 and net.tile_for((100, 100)) is None
