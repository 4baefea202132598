"""Which views of an image are taken, by the pixels they hold; what none can be taken of is said."""

import pytest
import torch
from torch.nn.functional import pad

from netdsl import DiagnosticsError
from netdsl.data import Normalization
from netdsl.tasks.evaluation.views import Views, corners, resized


def numbered(height, width, count=2):
    """Images whose pixels are all different: byte `row * width + column` of image 0, the next of image 1."""
    first = torch.arange(height * width).view(1, 1, height, width)
    return torch.cat([first + n for n in range(count)]).to(torch.uint8)


def taken(views, images, size, border=0, fill=(0,)):
    return list(views.of(images, size, border, fill))


def test_the_image_itself():
    images = numbered(4, 4)
    (view,) = taken(Views(), images, (4, 4))
    assert view is images
    assert Views().plain and not Views(flip=True).plain


def test_an_image_and_its_mirror():
    image = torch.tensor([[[[1, 2], [3, 4]]]], dtype=torch.uint8)
    plain, mirror = taken(Views(flip=True), image, (2, 2))
    assert plain.tolist() == image.tolist() and mirror.tolist() == [[[[2, 1], [4, 3]]]]


def test_ten_crops_are_four_corners_the_middle_and_mirrors():
    """AlexNet: 224 of 256, here 2 of 4."""
    views = taken(Views(10), numbered(4, 4, 1), (2, 2))
    assert len(views) == 10
    firsts = [view[0, 0].tolist() for view in views[::2]]
    assert firsts == [[[0, 1], [4, 5]], [[2, 3], [6, 7]], [[8, 9], [12, 13]], [[10, 11], [14, 15]], [[5, 6], [9, 10]]]
    assert all(torch.equal(mirror, view.flip(-1)) for view, mirror in zip(views[::2], views[1::2], strict=True))


def test_crops_of_images_as_small_as_the_input_come_from_the_border_of_the_training():
    images = numbered(4, 4)
    views = taken(Views(10), images, (4, 4), border=1, fill=(77,))
    padded = pad(images, (1, 1, 1, 1), value=77)
    assert torch.equal(views[0], padded[:, :, :4, :4]) and torch.equal(views[6], padded[:, :, 2:, 2:])
    assert torch.equal(views[8], images), "the middle is the image"


@pytest.mark.parametrize(("height", "border"), [(4, 0), (3, 0), (3, 2)])
def test_no_window_to_cut(height, border):
    with pytest.raises(DiagnosticsError) as error:
        taken(Views(10), numbered(height, 4), (4, 4), border)
    assert error.value.diagnostics[0].code == "NET590"


def test_scales_are_the_shorter_side():
    wide, higher = (v.shape for v in taken(Views(scales=(4, 8)), numbered(4, 6), (4, 4)))
    assert (wide, higher) == ((2, 1, 4, 6), (2, 1, 8, 12))
    assert len(taken(Views(scales=(4, 8), flip=True), numbered(4, 6), (4, 4))) == 4
    cut = taken(Views(10, scales=(6, 8)), numbered(4, 4), (4, 4))
    assert len(cut) == 20 and {tuple(view.shape[2:]) for view in cut} == {(4, 4)}


def test_144_crops_of_a_long_image():
    """GoogLeNet's count: 4 sizes, 3 squares, 4 corners and middle and whole, 2 mirrors."""
    for shape in ((8, 12), (12, 8)):
        views = taken(Views(144), numbered(*shape, 1), (7, 7))
        assert len(views) == 4 * 3 * 6 * 2 == 144
        assert {tuple(view.shape[2:]) for view in views} == {(7, 7)}
    assert len(taken(Views(144), numbered(8, 8, 1), (7, 7))) == 48, "three squares that are one"
    first = numbered(8, 12, 1)[:, :, :7, :7]  # the shorter side of 8 is 8/7 of the input already
    assert torch.equal(taken(Views(144), numbered(8, 12, 1), (7, 7))[0], first)
    with pytest.raises(DiagnosticsError, match="square"):
        taken(Views(144), numbered(8, 12), (7, 6))


def test_resizing():
    images = numbered(4, 4)
    assert resized(images, 4) is images
    rows = [[0, 0, 80, 80], [0, 0, 80, 80], [40, 40, 20, 20], [40, 40, 20, 20]]
    half = resized(torch.tensor([[rows]], dtype=torch.uint8), 2)
    assert half.float().mean().item() == pytest.approx(35, abs=1), "averages, and leaves no pixel out"
    flat = resized(torch.full((1, 3, 5, 7), 200, dtype=torch.uint8), 11)
    assert flat.shape == (1, 3, 11, 15) and flat.unique().tolist() == [200]


@pytest.mark.parametrize("views", [Views(10, scales=(6, 7)), Views(144), Views(flip=True, scales=(6,)), Views(10)])
def test_a_view_is_not_changed_by_what_is_done_to_another(views):
    """Normalization works in place where it can; windows share pixels with each other."""
    images = numbered(5, 5)
    normalization = Normalization((100.0,), (50.0,))
    plain = [view.clone() for view in views.of(images, (4, 4), 0, (0,))]
    shown = [normalization(view) for view in views.of(images, (4, 4), 0, (0,))]
    assert {view.dtype for view in plain} == {torch.uint8}
    assert all(torch.allclose(x, (view.float() - 100) / 50) for x, view in zip(shown, plain, strict=True))
    assert torch.equal(images, numbered(5, 5))


def test_the_middle_of_an_odd_rest_is_a_pixel_up_and_left():
    *_, middle = corners(numbered(5, 5, 1), (2, 2))
    assert middle[0, 0, 0, 0].item() == 6


@pytest.mark.parametrize(
    ("views", "text"),
    [
        (Views(), "the image"),
        (Views(flip=True), "the image and its mirror"),
        (Views(10), "10 crops"),
        (Views(scales=(28, 32)), "the whole image, shorter side 28, 32 pixels"),
        (Views(10, scales=(40,)), "10 crops, shorter side 40 pixels"),
    ],
)
def test_views_in_words(views, text):
    assert str(views) == text
