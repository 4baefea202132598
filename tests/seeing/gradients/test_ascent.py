"""Images that excite: the closed form of a linear net, the regularizers one by one, dead units."""

import pytest
import torch

from netdsl.seeing.gradients import scores
from netdsl.seeing.gradients.ascent import Ascent, ascend, blurred, grey

LOW, HIGH = torch.full((3, 1, 1), -2.0).double(), torch.full((3, 1, 1), 2.0).double()
PLAIN = Ascent(steps=200, rate=0.1, decay=0, blur=0, jitter=0)


def excited(module, at, channels, ascent=PLAIN, start=None, low=LOW, high=HIGH):
    start = torch.zeros(len(channels), 3, 12, 12, dtype=torch.float64) if start is None else start
    return ascend(module, at, scores.mean(channels), start, low, high, ascent)


def test_of_a_linear_net_the_class_model_is_the_row_of_weights(net) -> None:
    """Simonyan et al.'s maximum of w x - decay |x|^2 is w up to a factor."""
    module = net("input 3x12x12  F4")
    decaying = Ascent(steps=400, rate=0.05, decay=0.02, blur=0, jitter=0)
    wide = LOW * 100
    images, _ = excited(module, "linear1", [0, 3], decaying, low=wide, high=-wide)
    weights = module.get_submodule("linear1").weight.view(4, 3, 12, 12)
    for image, channel in zip(images, (0, 3), strict=True):
        assert torch.cosine_similarity(image.flatten(), weights[channel].flatten(), 0) > 0.9999


def test_decay_ends_the_growth(net) -> None:
    """At rest decay * (x + step) = step: with a constant step of 1 and a decay of 0.1 the image is 9."""
    module = net("input 3x12x12  F4")
    wide = LOW * 1000
    steady, _ = excited(module, "linear1", [1], Ascent(300, 1.0, 0.1, 0, jitter=0), low=wide, high=-wide)
    assert steady.square().mean().sqrt() < 9
    free, _ = excited(module, "linear1", [1], Ascent(300, 1.0, 0, 0, jitter=0), low=wide, high=-wide)
    assert free.square().mean().sqrt() > 50


def test_the_score_rises_and_is_the_nets(net) -> None:
    module = net("input 3x12x12  C3-8 R P2 C3-8 B R G F5")
    start = torch.zeros(2, 3, 12, 12, dtype=torch.float64)
    images, found = excited(module, "linear1", [2, 4], start=start)
    before, after = module(start), module(images)
    torch.testing.assert_close(found, torch.stack([after[0, 2], after[1, 4]]))
    assert after[0, 2] > before[0, 2] + 0.05 and after[1, 4] > before[1, 4] + 0.05
    assert after[0].argmax() == 2 and after[1].argmax() == 4


def test_no_pixel_leaves_black_and_white(net) -> None:
    module = net("input 3x12x12  F4")
    low, high = torch.tensor([-1.0, -0.5, 0]).view(3, 1, 1).double(), torch.tensor([1.0, 0.5, 2]).view(3, 1, 1).double()
    images, _ = excited(module, "linear1", [0], low=low, high=high)
    assert (images >= low).all() and (images <= high).all()
    assert (images == low).any() and (images == high).any()


def test_a_dead_unit_comes_to_life(net) -> None:
    """All of the second ReLU is closed at the start, so the gradient is zero everywhere."""
    module = net("input 3x12x12  C3-8 R C3-4 R @end")
    with torch.no_grad():
        module.get_submodule("conv2").bias.fill_(-0.5)
    start = torch.zeros(1, 3, 12, 12, dtype=torch.float64)
    assert not module(start).any()
    _, found = excited(module, "end", [1], start=start)
    assert found > 0.05


def test_seeds(net) -> None:
    module = net("input 3x12x12  C3-8 R G F5")
    moved = Ascent(steps=20, jitter=3)
    start = grey(1, (3, 12, 12), LOW, HIGH)
    one, two = (excited(module, "linear1", [1], moved, start)[0] for _ in range(2))
    other = excited(module, "linear1", [1], Ascent(steps=20, jitter=3, seed=1), start)[0]
    assert torch.equal(one, two) and not torch.equal(one, other)


def test_jitter_moves_the_image_and_moves_it_back(net) -> None:
    """A net that sees no borders gives the same at every shift, so jitter changes nothing."""
    module = net("input 3x12x12  C1-4 R G F5")
    start = grey(1, (3, 12, 12), LOW, HIGH)
    still, moved = (excited(module, "linear1", [1], Ascent(20, 0.05, 0.01, 0, jitter=n), start)[0] for n in (0, 3))
    torch.testing.assert_close(still, moved)


@pytest.mark.parametrize("deviation", [0.5, 1.0, 2.0])
def test_blur_is_a_gaussian_of_that_width(deviation) -> None:
    point = torch.zeros(1, 2, 31, 31, dtype=torch.float64)
    point[0, 1, 15, 15] = 1
    spread = blurred(point, deviation)[0, 1]
    places = torch.arange(31).double() - 15
    torch.testing.assert_close(spread.sum(), torch.tensor(1.0).double())
    for axis in (0, 1):
        variance = (spread.sum(axis) * places**2).sum()
        assert variance == pytest.approx(deviation**2, rel=0.15)  # of samples, not of the curve
    assert not blurred(point, deviation)[0, 0].any()
    level = torch.full((1, 2, 9, 9), 3.0)
    torch.testing.assert_close(blurred(level, deviation), level)


def test_blurred_ascents_are_smoother(net) -> None:
    module = net("input 3x12x12  F4")
    rough, smooth = (excited(module, "linear1", [0], Ascent(100, 0.1, 0.01, b, jitter=0))[0] for b in (0, 1.0))
    assert smooth.diff(dim=3).abs().mean() < 0.7 * rough.diff(dim=3).abs().mean()
