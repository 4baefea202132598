"""Normalization per channel and batches cut from one tensor."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netdsl.data import Batch, Normalization, batch_count, batches, shuffled


def test_normalized_images_have_mean_0_and_deviation_1():
    images = torch.randint(0, 256, (50, 3, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
    images[:, 1] //= 4
    y = Normalization.of(images)(images)
    assert y.dtype == torch.float32
    assert torch.allclose(y.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(y.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5)


def test_a_channel_of_one_colour():
    images = torch.full((4, 1, 3, 3), 7, dtype=torch.uint8)
    assert Normalization.of(images)(images).abs().max() == 0


def test_without_normalization_white_is_1():
    assert Normalization.none(2)(torch.full((1, 2, 1, 1), 255, dtype=torch.uint8)).flatten().tolist() == [1, 1]


@given(st.integers(1, 60), st.integers(1, 20))
def test_every_image_comes_once_an_epoch(count, batch):
    images, labels = torch.arange(count).byte().view(-1, 1, 1, 1), torch.arange(count)
    parts = list(shuffled(Batch(images, labels), batch, torch.Generator().manual_seed(1)))
    assert len(parts) == batch_count(count, batch)
    for part in parts:
        assert part.images.flatten().tolist() == part.labels.tolist()
        assert len(part) >= min(2, batch, count)
    seen = sorted(torch.cat([part.labels for part in parts]).tolist())
    assert len(set(seen)) == len(seen) >= count - 1
    in_order = torch.cat([part for _, part in batches(images, labels, batch)])
    assert in_order.tolist() == list(range(count))


def test_epochs_differ_and_seeds_decide():
    labels = torch.arange(100)

    def epochs(seed):
        generator = torch.Generator().manual_seed(seed)
        return [
            torch.cat([part.labels for part in shuffled(Batch(labels, labels), 30, generator)]).tolist()
            for _ in range(2)
        ]

    assert epochs(5) == epochs(5) != epochs(6)
    first, second = epochs(5)
    assert first != second


@pytest.mark.parametrize(("count", "batch", "expected"), [(60_000, 128, 469), (129, 128, 1), (130, 128, 2), (1, 1, 1)])
def test_batches_in_an_epoch(count, batch, expected):
    assert batch_count(count, batch) == expected


def test_a_part_of_a_mixed_batch():
    images, labels = torch.arange(8).view(8, 1, 1, 1).byte(), torch.arange(8)
    part = Batch(images, labels, partners=labels.flip(0), share=torch.tensor(0.25))[2:5]
    assert part.labels.tolist() == [2, 3, 4] and part.partners.tolist() == [5, 4, 3]
    assert part.share == 0.25 and part.boxes is None


def test_several_passes_in_an_epoch():
    whole = Batch(torch.arange(10).byte().view(10, 1, 1, 1), torch.arange(10))
    found = torch.cat([batch.labels for batch in shuffled(whole, 4, torch.Generator().manual_seed(0), passes=3)])
    assert [sorted(part.tolist()) for part in found.split(10)] == 3 * [list(range(10))]
    assert len({tuple(part.tolist()) for part in found.split(10)}) == 3
