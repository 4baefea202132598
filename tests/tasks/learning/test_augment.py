"""Augmentation of whole batches: what each step may make of an image, by hand and over many draws."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.data import Batch, Dataset, Normalization, load
from netdsl.data.augment import colour_directions
from netdsl.recipes.augmentations import ColourJitter, Crop, Cutout, Flip, Mixup, PadCrop, PcaNoise, ScaleJitter
from netdsl.recipes.method import Method
from netdsl.tasks.learning.augment import Augmenter

FILL = (200, 201, 202)


def pictures(count, height=5, width=4):
    """Every byte of an image is another number, so that places can be told from values."""
    one = torch.arange(3 * height * width, dtype=torch.uint8).view(1, 3, height, width)
    return one.repeat(count, 1, 1, 1)


def windows(image, padding):
    """Every window of the bordered image, worked out pixel by pixel, by its top left corner."""
    channels, height, width = image.shape
    found = {}
    for top in range(-padding, padding + 1):
        for left in range(-padding, padding + 1):
            window = torch.empty_like(image)
            for c in range(channels):
                for y in range(height):
                    for x in range(width):
                        inside = 0 <= y + top < height and 0 <= x + left < width
                        window[c, y, x] = image[c, y + top, x + left] if inside else FILL[c]
            found[top, left] = window
    return found


def test_every_window_is_cut_out_about_equally_often():
    count, padding = 2500, 2
    made = Augmenter([PadCrop(padding)], FILL, seed=0)(pictures(count))
    counts = []
    for window in windows(pictures(1)[0], padding).values():
        counts.append(int((made == window).flatten(1).all(1).sum()))
    assert sum(counts) == count, "each image is one of the windows, in all its channels"
    assert len(counts) == 25 and all(60 <= n <= 140 for n in counts)  # 100 expected, a deviation of 10


def test_half_of_the_images_are_turned():
    images = pictures(1000)
    made = Augmenter([Flip()], FILL, seed=0)(images)
    turned = (made == images.flip(3)).flatten(1).all(1)
    assert ((made == images).flatten(1).all(1) ^ turned).all()
    assert 430 <= turned.sum() <= 570


@pytest.mark.parametrize(("p", "expected"), [(0.0, lambda x: x), (1.0, lambda x: x.flip(3))])
def test_none_or_all_are_turned(p, expected):
    assert torch.equal(Augmenter([Flip(p)], FILL, seed=1)(pictures(20)), expected(pictures(20)))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_square_around_any_pixel_is_covered(size):
    """Its middle is each pixel equally often; what is outside of the image is cut off."""
    height, width = 5, 4
    made = Augmenter([Cutout(size)], FILL, seed=0)(pictures(4000, height, width))
    fill = torch.tensor(FILL).view(3, 1, 1)
    covered = (made == fill).all(1)
    assert torch.equal(made, torch.where(covered[:, None], fill.byte(), pictures(4000, height, width)))
    expected = {}
    for y in range(height):
        for x in range(width):
            top, left = max(0, y - size // 2), max(0, x - size // 2)
            bottom, right = min(height, y - size // 2 + size), min(width, x - size // 2 + size)
            mask = tuple(
                top <= row < bottom and left <= column < right for row in range(height) for column in range(width)
            )
            expected[mask] = expected.get(mask, 0) + 4000 / (height * width)
    found = {}
    for mask in map(tuple, covered.flatten(1).tolist()):
        found[mask] = found.get(mask, 0) + 1
    assert found.keys() == expected.keys()
    assert all(found[mask] == pytest.approx(number, abs=5 * number**0.5) for mask, number in expected.items())


STEPS = st.lists(
    st.one_of(
        st.integers(1, 3).map(PadCrop),
        st.floats(0, 1).map(Flip),
        st.integers(1, 3).map(Cutout),
        st.just(Crop()),
        st.integers(7, 12).map(lambda n: ScaleJitter(7, n)),
        st.builds(ColourJitter, *[st.floats(0, 1)] * 3),
        st.floats(0, 1).map(PcaNoise),
    ),
    max_size=3,
)
DIRECTIONS = torch.tensor([[30.0, -3, 1], [28, 0, -2], [26, 3, 1]])


@settings(deadline=None)
@given(STEPS, st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_equal_seeds_equal_bytes_and_the_images_stay_as_they_were(steps, count, seed):
    images = torch.randint(0, 256, (count, 3, 6, 7), generator=torch.Generator().manual_seed(0)).byte()
    before = images.clone()
    one, two = (Augmenter(steps, FILL, seed, directions=DIRECTIONS) for _ in range(2))
    for _ in range(2):
        made = one(images)
        assert made.shape == images.shape and made.dtype == torch.uint8
        assert torch.equal(made, two(images))
    assert torch.equal(images, before)


def test_other_seeds_and_other_batches_are_augmented_otherwise():
    images, steps = pictures(50), [PadCrop(2), Flip()]
    one, two = Augmenter(steps, FILL, seed=1), Augmenter(steps, FILL, seed=2)
    first = one(images)
    assert not torch.equal(first, two(images))
    assert not torch.equal(first, one(images))


def test_the_border_is_what_the_normalization_makes_zero():
    """As the papers pad, with zeros behind the normalization; grey levels are whole, so it is not quite 0."""
    images = torch.randint(0, 256, (200, 3, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
    normalization = Normalization.of(images)
    assert max(map(abs, normalization(torch.tensor(normalization.zero).view(1, 3, 1, 1)).flatten().tolist())) < 0.01
    assert Normalization.none(3).zero == (0, 0, 0)


def mixed(count=4000, alpha=0.4, seed=0):
    images = torch.arange(count).remainder(256).byte().view(-1, 1, 1, 1).expand(-1, 1, 2, 2).contiguous()
    augment = Augmenter([Mixup(alpha)], (0,), seed)
    return images, augment, Batch(images, torch.arange(count))


def test_a_mixed_batch_is_the_sum_that_its_labels_say():
    images, augment, batch = mixed()
    made = augment.batch(batch)
    assert torch.equal(made.labels, batch.labels)
    assert sorted(made.partners.tolist()) == batch.labels.tolist(), "each image is one other's partner"
    expected = made.share * images.float() + (1 - made.share) * images[made.partners].float()
    assert (made.images.float() - expected).abs().max() <= 0.51
    assert torch.equal(batch.images, images)


def test_shares_are_drawn_from_beta():
    """Beta(a, a): mean 1/2, variance 1 / (8 a + 4)."""
    for alpha in (0.2, 1.0, 4.0):
        _, augment, batch = mixed(2, alpha)
        shares = torch.stack([augment.batch(batch).share for _ in range(3000)])
        assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
        assert shares.var().item() == pytest.approx(1 / (8 * alpha + 4), rel=0.08)


def test_only_mixtures_have_partners():
    _, _, batch = mixed(6)
    made = Augmenter([Flip()], (0,), 0).batch(batch)
    assert made.partners is None and made.share is None


def test_windows_of_the_nets_size(few_shapes):
    method = Method(augment=(Crop(), PcaNoise(), Mixup()), seed=3)
    cut = few_shapes.test_images[:, :, 2:22, 2:22]
    small = Dataset("s", few_shapes.train_images, few_shapes.train_labels, cut, few_shapes.test_labels, ("a",) * 10)
    augment = Augmenter.of(method, small, Normalization.of(small.train_images))
    assert torch.equal(augment.directions, colour_directions(few_shapes.train_images))
    made = augment.batch(Batch(small.train_images[:10], small.train_labels[:10]))
    assert made.images.shape == (10, 3, 20, 20) and len(made.partners) == 10


def test_its_state_goes_on_where_it_was():
    images, steps = pictures(20), [PadCrop(2), Flip(), PcaNoise(), Mixup()]
    batch = Batch(images, torch.arange(20))
    one, two = (Augmenter(steps, FILL, seed, directions=DIRECTIONS) for seed in (1, 2))
    one.batch(batch)
    two.load_state_dict(one.state_dict())
    for _ in range(3):
        first, second = one.batch(batch), two.batch(batch)
        assert torch.equal(first.images, second.images) and torch.equal(first.share, second.share)


@pytest.mark.slow
def test_the_thesiss_augmentation_on_the_real_archive(real_data):
    images = load("cifar10+", real_data).train_images[:2000]
    fill = Normalization.of(images).zero
    made = Augmenter([PadCrop(4), Flip()], fill, seed=0)(images)
    padded = torch.tensor(fill, dtype=torch.uint8).view(1, 3, 1, 1).expand(2000, 3, 40, 40).clone()
    padded[:, :, 4:36, 4:36] = images
    found = torch.zeros(2000, dtype=torch.bool)
    for top in range(9):
        for left in range(9):
            window = padded[:, :, top : top + 32, left : left + 32]
            found |= (made == window).flatten(1).all(1) | (made == window.flip(3)).flatten(1).all(1)
    assert found.all()


def test_labels_that_are_drawn():
    augmenter = Augmenter((), (0,), seed=3, labels=(1, 4, 5))
    batch = Batch(torch.zeros(300, 1, 4, 4, dtype=torch.uint8), torch.zeros(300, dtype=torch.int64))
    found = augmenter.batch(batch).labels
    assert found.bincount().tolist() == pytest.approx([0, 100, 0, 0, 100, 100], abs=30)
    state = augmenter.state_dict()
    again = augmenter.batch(batch).labels
    augmenter.load_state_dict(state)
    assert torch.equal(augmenter.batch(batch).labels, again) and not torch.equal(again, found)
    assert torch.equal(Augmenter((), (0,), seed=3, labels=(4,)).batch(batch).labels, batch.labels), "nothing to draw"
