"""Pictures painted tile by tile are those painted whole."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering.to_torch import network_of, to_torch
from netdsl.style.pictures.padding import at_any_size
from netdsl.style.tiles import tiled
from netdsl.style.tiles.plan import FULL, HALF, planned
from netdsl.style.tiles.tiled import paint_tiled

from .conftest import sharp

MEAN = (123.68, 116.779, 103.939)
EXACT = 1e-7
"""Of 255, in double precision: what small variances leave of rounding."""


def whole(module, picture, weights=None):
    mean = torch.tensor(MEAN, dtype=picture.dtype).view(1, -1, 1, 1)
    more = () if weights is None else (weights,)
    with torch.no_grad():
        return at_any_size(network_of(module), lambda x: module(x - mean, *more) + mean, picture)


def random(*size, seed=0):
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 255


def styles(module):
    return torch.tensor([0.2, 0.7, 0.3], dtype=torch.float64) if network_of(module).conditions else None


@pytest.mark.parametrize("tile", [7, 16, 100])
@pytest.mark.parametrize("size", [(31, 46), (24, 24)])
def test_tiles_are_the_whole(painter, size, tile) -> None:
    """Odd sizes, tiles that do not divide, one tile that is larger than the picture."""
    picture, weights = random(*size), styles(painter)
    made = paint_tiled(painter, picture, weights, mean=MEAN, tile=tile)
    expected = whole(painter, picture, weights)
    assert expected.std() > 1
    assert made.shape == picture.shape and (made - expected).abs().max() < EXACT


@pytest.mark.parametrize("net", ["pastiche", "dense", "branches", "mirrors"])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_it_does_not_matter_what_is_kept(net, share, monkeypatch) -> None:
    """Nothing, so that each pass begins with the picture; small maps; all."""
    module, picture = sharp(net), random(21, 30)
    plans = []

    def limited(steps, budget):
        largest = max(step.output.numel for step in steps.values())
        plans.append(planned(steps, FULL, int(share * largest)))
        return plans[-1]

    monkeypatch.setattr(tiled, "plan", limited)
    made = paint_tiled(module, picture, mean=MEAN, tile=9)
    assert (made - whole(module, picture)).abs().max() < EXACT
    assert (plans[0].kept > 0) == (share > 0)


def test_a_style_by_its_number_and_by_weights() -> None:
    module, picture = sharp("styles"), random(20, 20)
    for weights in (1, torch.tensor(2), torch.tensor([[0.0, 1.0, -0.5]], dtype=torch.float64)):
        made = paint_tiled(module, picture, weights, mean=MEAN, tile=8)
        assert (made - whole(module, picture, weights)).abs().max() < EXACT
    with pytest.raises(DiagnosticsError) as caught:
        paint_tiled(module, picture, torch.ones(2), tile=8)
    assert caught.value.diagnostics[0].code == "NET560"


@pytest.fixture(scope="module")
def pastiche():
    """The net of the thesis in single precision, random but for norms that are like those of a trained one."""
    random = torch.Generator().manual_seed(1)
    module = to_torch(compile_network("pastiche.net:pastiche_six")).eval()
    for name, parameter in module.named_parameters():
        values = torch.randn(parameter.shape, generator=random)
        scale = (2 / parameter[0].numel()) ** 0.5 if parameter.dim() == 4 else 0.5
        with torch.no_grad():
            parameter.copy_(values * scale + (parameter.dim() == 2 and name.endswith("weight")))
    return module


def test_borders_between_tiles_are_like_the_inside(pastiche) -> None:
    """In single precision what differs is rounding, and there is no more of it on either side of a border."""
    picture, weights, tile = random(150, 160).float(), torch.tensor([0.3, 0.7, 0, 0, 0, 0]), 64
    difference = (
        paint_tiled(pastiche, picture, weights, mean=MEAN, tile=tile) - whole(pastiche, picture, weights)
    ).abs()
    assert difference.mean() < 0.01
    border = torch.zeros(152, 160, dtype=torch.bool)
    for axis, n in enumerate(border.shape):
        for first in range(1, -(-n // tile)):
            at = n * first // -(-n // tile)
            border.narrow(axis, at - 2, 4).fill_(True)
    border = border[:150]
    assert 0.05 < border.float().mean() < 0.2
    assert difference[..., border].mean() < 1.2 * difference[..., ~border].mean() + 1e-4


def test_bytes_in_bytes_out(pastiche) -> None:
    picture, weights = random(33, 41).round().to(torch.uint8), torch.tensor([0.0, 0, 0, 1, 0, 0])
    made = paint_tiled(pastiche, picture[0], weights, mean=MEAN, tile=16)
    expected = whole(pastiche, picture.float(), weights).clamp(0, 255)[0]
    assert made.dtype == torch.uint8 and made.shape == (3, 33, 41)
    assert (made.float() - expected).abs().max() < 0.51


def test_maps_kept_in_half_precision(pastiche, monkeypatch) -> None:
    """A byte's step away on average at most, where memory asks for it."""
    picture, weights = random(64, 64).float(), torch.tensor([0.3, 0.7, 0, 0, 0, 0])
    monkeypatch.setattr(tiled, "plan", lambda steps, budget: planned(steps, HALF, 10**9))
    made = paint_tiled(pastiche, picture, weights, mean=MEAN, tile=32)
    difference = (made - whole(pastiche, picture, weights)).abs()
    assert 0 < difference.mean() < 0.5


def test_progress_goes_up_to_the_whole() -> None:
    seen = []
    paint_tiled(sharp("pastiche"), random(20, 20), tile=8, watch=lambda done, total: seen.append((done, total)))
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(done) and set(totals) == {done[-1]} and len(done) > 40


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("C3-4 mul { id | G C1-4 sigmoid } C3-3", "G"),
        ("C3-4 group_norm(2) C3-3", "group_norm"),
        ("C3-4 P2 @p C3-4 unpool(@p) C3-3", "unpool"),
        ("C3-4/2 @c R tied(@c)", "tied"),
    ],
)
def test_a_net_that_tiles_cannot_do(text, word) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        paint_tiled(sharp(f"net p {{ input 3xHxW {text} }}"), random(24, 24), tile=8)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET660" and word in problem.message and problem.span is not None
