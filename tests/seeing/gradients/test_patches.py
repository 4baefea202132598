"""The patches that excite a feature most, against a search by hand; what is cut out is what the feature sees."""

import pytest
import torch

from netdsl.lowering import feature_maps, network_of
from netdsl.seeing.gradients.patches import DARK, LIGHT, Strongest, cut_out, cut_out_signed, field_of

NET = "input 3x12x12  C3-4/2 R C3-5 R @end P2 F5"


@pytest.fixture
def many() -> torch.Tensor:
    return torch.randint(0, 256, (40, 3, 12, 12), generator=torch.Generator().manual_seed(3)).byte()


def test_the_strongest_are_those_of_a_search_over_all(net, many) -> None:
    module = net(NET)
    tapped = feature_maps(module, ["end"])
    with torch.no_grad():
        maps = tapped(many.double() / 255)["end"]
    strongest = Strongest([4, 1], most=3)
    for start in range(0, 40, 7):
        strongest.add(many[start : start + 7], maps[start : start + 7])
    assert strongest.images == 40
    for channel, patches in zip((4, 1), strongest.found(), strict=True):
        values = maps[:, channel].flatten(1).max(1).values
        order = values.argsort(descending=True)[:3].tolist()
        assert [patch.image for patch in patches] == order
        for patch in patches:
            assert maps[patch.image, channel][patch.place] == patch.value == values[patch.image]
            assert torch.equal(patch.pixels, many[patch.image])


def test_of_equal_values_the_first_image_and_place() -> None:
    strongest = Strongest([0], most=2)
    images = torch.zeros(4, 1, 2, 2).byte()
    strongest.add(images, torch.ones(4, 1, 2, 2))
    strongest.add(images, torch.ones(4, 1, 2, 2))
    (patches,) = strongest.found()
    assert [(patch.image, patch.place) for patch in patches] == [(0, (0, 0)), (1, (0, 0))]


def test_fewer_images_than_patches() -> None:
    strongest = Strongest([0], most=9)
    strongest.add(torch.zeros(2, 1, 2, 2).byte(), torch.rand(2, 1, 2, 2))
    assert len(strongest.found()[0]) == 2


def test_what_lies_outside_of_a_patch_does_not_matter(net, many) -> None:
    """The feature's value stays when all pixels around its patch change, and not when those in it do."""
    module = net(NET)
    network = network_of(module)
    tapped = feature_maps(module, ["end"])
    images = many.double() / 255
    strongest = Strongest([2], most=9)
    with torch.no_grad():
        strongest.add(many, tapped(images)["end"])
    for patch in strongest.found()[0]:
        rows, columns = field_of(network, network.tags["end"].node, patch.place)
        around = torch.ones(3, 12, 12).bool()
        around[:, max(rows[0], 0) : rows[1] + 1, max(columns[0], 0) : columns[1] + 1] = False
        other = torch.where(around, 1 - images[patch.image], images[patch.image])
        inside = torch.where(around, images[patch.image], 1 - images[patch.image])
        with torch.no_grad():
            same, different = tapped(torch.stack([other, inside]))["end"][:, 2, patch.place[0], patch.place[1]]
        assert same.item() == pytest.approx(patch.value)
        assert different.item() != pytest.approx(patch.value)


def test_cutting_out() -> None:
    pixels = torch.arange(3 * 6 * 8).view(3, 6, 8).byte()
    assert torch.equal(cut_out(pixels, (1, 3), (2, 6)), pixels[:, 1:4, 2:7])
    piece = cut_out(pixels, (-2, 7), (6, 9))
    assert piece.shape == (3, 10, 4)
    assert torch.equal(piece[:, 2:8, :2], pixels[:, :, 6:])
    for outside in (piece[:, :2], piece[:, 8:], piece[:, :, 2:]):
        assert set(outside.flatten().tolist()) == {LIGHT, DARK}
    assert cut_out(pixels, (20, 22), (0, 2)).min() >= DARK  # nothing of the image is in it


def test_cutting_signed_numbers_out() -> None:
    values = torch.arange(1.0, 49).view(1, 6, 8)
    assert torch.equal(cut_out_signed(values, (1, 3), (2, 6)), values[:, 1:4, 2:7])
    piece = cut_out_signed(values, (-2, 7), (6, 9))
    assert piece.shape == (1, 10, 4) and torch.equal(piece[:, 2:8, :2], values[:, :, 6:])
    assert not piece[:, :2].any() and not piece[:, 8:].any() and not piece[:, :, 2:].any()
