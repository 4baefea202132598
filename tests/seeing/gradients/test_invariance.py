"""Shifts, scales and turns against pixels moved by hand, and distances that are known without a net."""

import pytest
import torch

import netdsl
from netdsl.lowering import feature_maps
from netdsl.seeing.gradients.invariance import Change, changed, changes, curves, two_places


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


def test_shifts_are_downwards(image) -> None:
    down, up, still = changed(image, Change("shift", "pixels", (3.0, -2.0, 0.0)))
    torch.testing.assert_close(down[:, 3:], image[:, :-3])
    torch.testing.assert_close(up[:, :-2], image[:, 2:])
    assert not down[:, :3].any() and not up[:, -2:].any()
    torch.testing.assert_close(still, image)


@pytest.mark.parametrize("size", [(16, 16), (16, 24)])
def test_turns_are_against_the_clock(size) -> None:
    image = torch.rand(1, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    quarter, half, whole = changed(image, Change("turn", "degrees", (90, 180, 360)))
    torch.testing.assert_close(half, image.flip(1, 2))
    torch.testing.assert_close(whole, image)
    middle = image[:, :, (size[1] - 16) // 2 : (size[1] + 16) // 2]  # the square that stays in sight
    found = quarter[:, :, (size[1] - 16) // 2 : (size[1] + 16) // 2]
    torch.testing.assert_close(found, middle.rot90(1, (1, 2)))


def test_a_scale_of_two_shows_the_middle_half(image) -> None:
    (twice,) = changed(image, Change("scale", "factor", (2.0,)))
    ramp = torch.arange(16.0).double().expand(1, 16, 16)
    (stretched,) = changed(ramp, Change("scale", "factor", (2.0,)))
    torch.testing.assert_close(stretched[0, 5], 7.5 + (torch.arange(16.0).double() - 7.5) / 2)
    assert twice.min() >= image[:, 3:13, 3:13].min()


def test_the_three_of_the_figure() -> None:
    shift, scale, turn = changes((224, 224))
    assert (shift.amounts[0], shift.amounts[-1], len(shift.amounts)) == (-56, 56, 25)
    assert (scale.amounts[0], scale.amounts[-1]) == (1, 1.8)
    assert (turn.amounts[0], turn.amounts[-1]) == (0, 360)
    tiny, _, _ = changes((3, 3))
    assert tiny.amounts == (-1, 0, 1)


def test_curves_are_zero_where_nothing_changes(net, image) -> None:
    module = net("input 3x16x16  C3-4 R @low P2 C3-8 R @high G F5")
    tapped = feature_maps(module, ["low", "high", "linear1"])
    probability = module(image[None]).softmax(1)[0, 3].item()
    found = list(curves(tapped, ["low", "high"], "linear1", image, 3))
    assert [curve.change.name for curve in found] == ["shift", "scale", "turn"]
    for curve, still in zip(found, (len(found[0].change.amounts) // 2, 0, 0), strict=True):
        assert set(curve.distances) == {"low", "high"}
        for distances in curve.distances.values():
            assert distances[still] == pytest.approx(0, abs=1e-6) and max(distances) > 0.05
            assert len(distances) == len(curve.probabilities) == len(curve.change.amounts)
        assert curve.probabilities[still] == pytest.approx(probability)
    assert found[2].distances["low"][-1] == pytest.approx(0, abs=1e-6)  # a full turn


def test_a_global_mean_does_not_see_quarter_turns(net, image) -> None:
    """A net of 1x1 convolutions and a global mean: turned by 90 degrees nothing has changed but the map itself."""
    module = net("input 3x16x16  C1-4 R @map G @mean F5")
    tapped = feature_maps(module, ["map", "mean", "linear1"])
    turn = list(curves(tapped, ["map", "mean"], "linear1", image, 0))[2]
    quarter = turn.change.amounts.index(90)
    assert turn.distances["mean"][quarter] < 1e-6 and turn.distances["map"][quarter] > 0.05
    assert turn.probabilities[quarter] == pytest.approx(turn.probabilities[0])


@pytest.mark.parametrize(
    ("net_", "expected"),
    [
        ("squeezenet", ["fire2", "fire9"]),
        ("input 3x16x16 C3-4 R P2 C3-8 R G F5", ["conv1", "global_avg_pool1"]),
        ("input 3x16x16 C3-4 R @a P2 C3-8 R F5", ["conv1", "relu1"]),
        ("input 3x16x16 F8 R F5", ["linear1", "relu1"]),
        ("input 3x16x16 F5", ["linear1"]),
        ("input 3x16x16 P2 G", ["global_avg_pool1"]),
    ],
)
def test_a_low_and_a_high_place(net_, expected) -> None:
    text = net_ if " " not in net_ else f"net probed {{ {net_} }}"
    assert two_places(netdsl.compile_network(text)) == expected
