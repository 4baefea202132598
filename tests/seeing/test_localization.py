"""What is counted of boxes found and true ones: by hand, and image by image."""

import pytest
import torch

from netdsl.seeing.boxes import component_boxes, shares, smallest_boxes
from netdsl.seeing.localization import THRESHOLDS, Tally, inside, peaks


def drawn(*levels):
    """A map of 10 x 10 pixels with rectangles of some level: (left, top, right, bottom, level)."""
    made = torch.zeros(10, 10)
    for left, top, right, bottom, level in levels:
        made[top:bottom, left:right] = level
    return made


def tallied(maps, boxes, right=None, threshold=0.5, **settings):
    tally = Tally(threshold, **settings)
    right = torch.ones(len(maps), dtype=torch.bool) if right is None else torch.tensor(right)
    tally.add(torch.stack(maps), torch.tensor(boxes), right)
    return tally.result("cam")


def test_by_hand():
    """Four images with the same true box of 4 x 4, at a threshold of half the maximum.

    The first is found exactly. The second's box is 4 x 6, IoU 16/24 = 0.67. The third's is as long again, 16/32 = 0.5,
    which counts. The fourth has its highest pixel outside and a box that touches nothing.
    """
    maps = [
        drawn((2, 2, 6, 6, 2.0)),
        drawn((2, 2, 6, 8, 1.0), (3, 3, 4, 4, 2.0)),
        drawn((2, 2, 6, 10, 3.0)),
        drawn((7, 7, 9, 9, 1.0)),
    ]
    found = tallied(maps, [[2, 2, 6, 6]] * 4, right=[True, False, True, True])
    assert found.gt_known_loc == {"0.3": 0.75, "0.5": 0.75, "0.7": 0.25}
    assert found.top1_loc == 0.5, "the second is found, and the net takes it for something else"
    assert found.pointing == 0.75
    assert found.images == 4 and found.threshold == 0.5 and found.method == "cam"


def test_the_best_threshold():
    """At a fifth of the maximum the box is the whole left side; from above a quarter it is the object."""
    maps = [drawn((0, 0, 5, 10, 1.0), (1, 1, 5, 5, 4.0))]
    found = tallied(maps, [[1, 1, 5, 5]], threshold=0.2)
    assert found.gt_known_loc["0.5"] == 0 and found.max_box_acc == 1
    assert found.best.threshold == 0.26
    assert [point.box_acc["0.7"] for point in found.curve] == [float(point.threshold > 0.25) for point in found.curve]


def test_the_best_piece_counts_in_the_second_version_only():
    """The object is the smaller of two pieces; at no threshold is it the larger one, or alone."""
    maps = [drawn((0, 0, 9, 3, 1.0), (5, 5, 8, 8, 1.0))]
    found = tallied(maps, [[5, 5, 8, 8]])
    assert found.max_box_acc == 0 and found.max_box_acc_v2 == 1
    assert tallied(maps, [[0, 0, 9, 3]]).max_box_acc == 1
    assert tallied(maps, [[0, 0, 9, 3]], box="smallest").max_box_acc == 0


def test_the_second_version_is_the_mean_of_three_overlaps():
    """The best box has 9 x 4 pixels of 9 x 6: IoU 0.67, right at 0.3 and 0.5."""
    found = tallied([drawn((0, 0, 9, 4, 1.0))], [[0, 0, 9, 6]])
    assert found.max_box_acc_v2 == pytest.approx(2 / 3)


def test_a_map_with_nothing_in_it_finds_nothing():
    found = tallied([drawn(), drawn((0, 0, 10, 10, -1.0))], [[0, 0, 10, 10]] * 2)
    assert found.gt_known_loc["0.3"] == found.max_box_acc == found.max_box_acc_v2 == 0
    assert found.pointing == 1, "the first of equal pixels is the highest one"


@pytest.mark.parametrize("box", ["smallest", "component"])
@pytest.mark.parametrize("of", ["maximum", "range"])
def test_image_by_image(of, box):
    """Random maps, in two batches, against the definitions applied to one image after the other."""
    chance = torch.Generator().manual_seed(0)
    coarse = torch.randn(60, 1, 3, 3, generator=chance)
    maps = torch.nn.functional.interpolate(coarse, size=(12, 12), mode="bilinear")[:, 0]
    corner = torch.randint(0, 6, (60, 2), generator=chance)
    boxes = torch.cat([corner, corner + torch.randint(3, 7, (60, 2), generator=chance)], 1)
    right = torch.rand(60, generator=chance) < 0.6
    tally = Tally(0.4, of, box)
    made = torch.cat([tally.add(maps[part], boxes[part], right[part]) for part in (slice(0, 25), slice(25, 60))])
    found = tally.result("cam")

    finder = component_boxes if box == "component" else smallest_boxes
    at = {threshold: finder(shares(maps, of), threshold).tolist() for threshold in (*THRESHOLDS, 0.4)}
    assert made.tolist() == at[0.4]
    for least in (0.3, 0.5, 0.7):
        share = {t: sum(iou(b, true) >= least for b, true in zip(at[t], boxes.tolist(), strict=True)) / 60 for t in at}
        assert found.gt_known_loc[str(least)] == share[0.4]
        assert [point.box_acc[str(least)] for point in found.curve] == [share[t] for t in THRESHOLDS]
        if least == 0.5:
            assert 0 < found.max_box_acc == max(share.values())
    hits = [iou(b, true) >= 0.5 and good for b, true, good in zip(at[0.4], boxes.tolist(), right.tolist(), strict=True)]
    assert found.top1_loc == sum(hits) / 60
    assert found.max_box_acc_v2 >= sum(max(p.box_acc[i] for p in found.curve) for i in found.gt_known_loc) / 3 - 1e-9


def iou(one, other):
    """By counting pixels."""
    pixels = [{(x, y) for x in range(left, right) for y in range(top, low)} for left, top, right, low in (one, other)]
    return len(pixels[0] & pixels[1]) / len(pixels[0] | pixels[1])


def test_peaks():
    maps = torch.zeros(2, 3, 5)
    maps[0, 2, 4] = maps[1, 1, 0] = 1
    assert peaks(maps).tolist() == [[4, 2], [0, 1]]
    assert inside(peaks(maps), torch.tensor([[4, 2, 5, 3], [1, 0, 5, 3]])).tolist() == [True, False]
