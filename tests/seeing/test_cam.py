"""`netdsl cam` as a task: where the maps peak, what is written, and what cannot be looked at."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.cam import Asked, look_at
from netdsl.seeing.looker import METHODS, Looker, Method
from netdsl.seeing.photos import read_photos
from netdsl.seeing.subject import open_subject
from netdsl.tasks.setup.watch import Silent


def seen(subject, *images, **more):
    return list(look_at(subject, Asked(images, **more), Silent()))


def beside_each_other(path, left, right):
    """Two photographs, 300x300 each, in one picture of 600x300."""
    both = Image.new("RGB", (600, 300))
    for place, name in enumerate((left, right)):
        with Image.open(name) as photograph:
            both.paste(ImageOps.fit(photograph, (300, 300)), (300 * place, 0))
    both.save(path)
    return path


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("name", METHODS)
def test_cat_and_coffee_each_in_its_half(squeezenet, content, tmp_path, swapped, name):
    """Real weights, a cat and an espresso, seen whole: the maps peak where they are, also when they change places."""
    order = ("coffee", "chelsea") if swapped else ("chelsea", "coffee")
    both = beside_each_other(tmp_path / "both.png", *map(content, order))
    (found,) = seen(squeezenet, both, classes=("Egyptian cat", "espresso"), method=Method(name))
    cat, espresso = found.classes
    assert (cat.name, cat.index, espresso.name, espresso.index) == ("Egyptian cat", 285, "espresso", 967)
    assert (cat.peak[0] < 300) != swapped and (espresso.peak[0] >= 300) != swapped
    for each in found.classes:
        left, top, right, bottom = each.box
        assert 0 <= left < right <= 600 and 0 <= top < bottom <= 300


def test_a_cat_is_named(squeezenet, content):
    (found,) = seen(squeezenet, content("chelsea"))
    (best,) = found.classes
    assert best.name == "Egyptian cat" and best.probability > 0.3
    assert found.output.name == "chelsea-cam.png" and found.output.exists()
    with Image.open(found.output) as picture:
        assert picture.format == "PNG" and picture.width > 800


def bright_spot_net(random_weights, tmp_path):
    """One 1x1 convolution and a global pool: each class's map is the picture in one colour."""
    from safetensors.torch import save_file

    net = "net rgb { input 3x16x16  C1-3 R G }  recipe imagenet { normalize = none }"
    weights = tmp_path / "rgb.safetensors"
    save_file({"conv1.weight": torch.eye(3).view(3, 3, 1, 1), "conv1.bias": torch.zeros(3)}, weights)
    return open_subject(net, weights)


def spots(path, width, height, **places):
    """Black, with a square of 5x5 pixels around each place: red, green or blue."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for colour, (x, y) in places.items():
        pixels[y - 2 : y + 3, x - 2 : x + 3, ("red", "green", "blue").index(colour)] = 255
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize("crop", [False, True])
def test_peaks_and_boxes_are_in_pixels_of_the_given_picture(random_weights, tmp_path, crop):
    subject = bright_spot_net(random_weights, tmp_path)
    path = spots(tmp_path / "a.png", 160, 80, red=(62, 20), green=(97, 67))
    (found,) = seen(subject, path, classes=("0", "1", "2"), crop=crop)
    red, green, blue = found.classes
    step = 5  # pixels of the picture in one of the net's
    for each, (x, y) in ((red, (62, 20)), (green, (97, 67))):
        assert abs(each.peak[0] - x) <= step and abs(each.peak[1] - y) <= step
        left, top, right, bottom = each.box
        assert left <= x < right <= x + 4 * step and top <= y < bottom <= y + 4 * step
    assert blue.box is None and blue.logit == 0
    assert red.probability == pytest.approx(torch.tensor([r.logit for r in found.classes]).softmax(0)[0].item())


def test_arrays_are_the_maps(small, picture):
    path = picture("a.png", 60, 50)
    (found,) = seen(small, path, classes=("5", "top2"), arrays=True)
    kept = np.load(found.output.with_suffix(".npy"))
    assert kept.shape[0] == 3 and kept.dtype == np.float32
    (photo,) = read_photos([path], small, crop=False)
    numbers = torch.tensor([[each.index for each in found.classes]])
    expected = Looker(small)(photo.pixels[None]).maps(numbers)[0]
    assert np.allclose(kept, expected, atol=1e-5)
    bias = Looker(small).bias[numbers[0]]
    assert np.allclose(kept.mean((1, 2)) + bias.numpy(), [each.logit for each in found.classes], atol=1e-4)


def test_one_that_cannot_be_read_leaves_the_others(small, picture, tmp_path):
    (tmp_path / "bad.jpg").write_text("no picture")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "bomb.png")
    files = [picture("a.png", 60, 50), tmp_path / "bad.jpg", picture("b.png", 40, 90), tmp_path / "bomb.png"]
    found = seen(small, *files, out=tmp_path / "out")
    assert [each.file for each in found] == files
    assert [each.error for each in found] == [None, "not an image", None, "too many pixels"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a-cam.png", "b-cam.png"]
    assert found[1].as_json() == {
        "file": str(files[1]),
        "output": None,
        "method": "cam",
        "at": "last",
        "classes": [],
        "error": "not an image",
    }


def test_a_batch_is_what_each_is_alone(small, picture):
    files = [picture(f"{n}.png", 50 + 10 * (n % 2), 50) for n in range(5)]
    together = seen(small, *files, classes=("top3",))
    alone = [seen(small, file, classes=("top3",), out=file.with_suffix(".jpg"))[0] for file in files]
    for one, other in zip(together, alone, strict=True):
        assert one.file == other.file
        for a, b in zip(one.classes, other.classes, strict=True):
            assert (a.index, a.peak) == (b.index, b.peak) and a.logit == pytest.approx(b.logit, abs=1e-4)


def test_names_of_outputs(small, picture, tmp_path):
    first, second = picture("x/a.png", 40, 40), picture("y/a.png", 40, 40)
    assert [each.output.name for each in seen(small, first, second)] == ["a-cam.png", "a-2-cam.png"]
    assert (tmp_path / "cam" / "a-2-cam.png").exists(), "several go into a folder of their own"
    (one,) = seen(small, first, out=tmp_path / "deep" / "new.jpg")
    with Image.open(one.output) as drawn:
        assert drawn.format == "JPEG"
    with pytest.raises(DiagnosticsError) as raised:
        seen(small, first, second, out=tmp_path / "new.jpg")
    assert raised.value.diagnostics[0].code == "NET608"


def test_a_run_sees_what_it_was_tested_on(trained_run, tmp_path):
    """Test images as files: the same pixels, so the same scores as the net gives them in a test."""
    from netdsl.data import synthetic
    from netdsl.tasks.evaluation.trained import open_run

    subject, trained = open_subject(str(trained_run)), open_run(trained_run)
    images = synthetic.shapes(600, 100).test_images[:6]
    files = [tmp_path / f"{number}.png" for number in range(6)]
    for image, file in zip(images, files, strict=True):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(file)
    module = trained.module.eval()
    with torch.no_grad():
        expected = module(trained.normalization(images))
    for found, scores in zip(seen(subject, *files, classes=("all",)), expected, strict=True):
        assert [each.index for each in found.classes] == scores.argsort(descending=True).tolist()
        assert found.classes[0].logit == pytest.approx(scores.max().item(), abs=1e-3)
        assert found.classes[0].name == subject.classes[int(scores.argmax())]


def test_nothing_of_the_users_is_written_over(small, picture, tmp_path):
    path, out = picture("a.png", 40, 40), tmp_path / "out.png"
    out.write_text("mine")
    with pytest.raises(DiagnosticsError) as raised:
        seen(small, path, out=out)
    assert raised.value.diagnostics[0].code == "NET638" and out.read_text() == "mine"
    seen(small, path, out=out, force=True)
    with Image.open(out) as drawn:
        assert drawn.format == "PNG"
    out.with_suffix(".npy").write_text("mine too")
    out.unlink()
    with pytest.raises(DiagnosticsError):
        seen(small, path, out=out, arrays=True)


def test_many_classes_are_drawn_in_rows(small, picture):
    (found,) = seen(small, picture("a.png", 60, 50), classes=("all",))
    assert len(found.classes) == 1000
    assert [each.probability for each in found.classes] == sorted((e.probability for e in found.classes), reverse=True)
    with Image.open(found.output) as drawn:
        assert drawn.height > drawn.width, "twenty panels 60 wide and 50 high, four in a row"


def test_one_pixel_and_signed(small, tmp_path):
    Image.new("RGB", (1, 1), (10, 200, 30)).save(tmp_path / "a.png")
    (found,) = seen(small, tmp_path / "a.png", method=Method(signed=True))
    assert found.error is None and found.classes[0].peak == (0, 0)
    assert found.classes[0].box in (None, (0, 0, 1, 1))


def test_a_net_of_one_size_says_so(random_weights, picture):
    net = "net f { input 3x16x16  C3-4 R P G F5 }  recipe imagenet { normalize = imagenet }"
    fixed = net.replace("P G F5", "P F5")
    told = []

    class Told(Silent):
        def say(self, message):
            told.append(message)

    for text, method in ((net, Method()), (fixed, Method("grad-cam"))):
        subject = open_subject(text, random_weights(text))
        (found,) = look_at(subject, Asked([picture("a.png", 60, 30)], method=method, force=True), Told())
        assert found.error is None
    assert told == ["f takes pictures of one size only: the middle of each is looked at"]


def test_the_colours_are_where_the_map_is(random_weights, tmp_path):
    """The drawn picture: the map's panel is brightest where the red spot is, and the first panel is the photograph."""
    subject = bright_spot_net(random_weights, tmp_path)
    path = spots(tmp_path / "a.png", 120, 120, red=(30, 90))
    (found,) = seen(subject, path, classes=("0",))
    with Image.open(found.output) as drawn:
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    dark = (pixels.sum(2) < 700).any(0).nonzero()[0]  # columns with something drawn
    middle = (dark.min() + dark.max()) // 2
    panel = pixels[:, : int(middle * 0.95)]  # the photograph
    red = (panel[:, :, 0] > 200) & (panel[:, :, 1] < 60)
    rows, columns = red.nonzero()
    assert rows.mean() > pixels.shape[0] / 2, "below the middle"
    assert columns.mean() < middle / 2, "left of the panel's middle"
