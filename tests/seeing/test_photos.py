"""Image files of every kind as a net gets them, and the frame that leads back to the given picture."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from netdsl.data.dataset import middle
from netdsl.data.pictures import decoded
from netdsl.seeing.photos import Photo, Refused, batches, files_of, read_photos


def one(path, subject, crop=True) -> Photo:
    (found,) = read_photos([path], subject, crop=crop)
    assert isinstance(found, Photo), found
    return found


@pytest.mark.parametrize("size", [(50, 40), (33, 90), (40, 40), (7, 5), (200, 41)])
def test_the_middle_is_what_a_test_image_has(small, picture, size):
    path = picture("a.png", *size)
    images, _ = decoded([path], (3, 40, 40), "RGB", None)
    expected = middle(torch.from_numpy(images), (32, 32))[0]
    photo = one(path, small)
    assert torch.equal(photo.pixels, expected)
    assert photo.size == size


def dot(path: Path, width: int, height: int, x: int, y: int, side: int) -> Path:
    """White on black: a square of `side` pixels around the centre of pixel x, y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    half = side // 2
    pixels[y - half : y + half + 1, x - half : x + half + 1] = 255
    Image.fromarray(pixels).save(path)
    return path


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_frame_leads_back_to_the_dot(small, tmp_path_factory, data):
    """The centre of gravity of what the net gets, taken back, is the dot's centre: to a tenth of a net's pixel."""
    width, height = data.draw(st.integers(60, 400)), data.draw(st.integers(60, 400))
    crop = data.draw(st.booleans())
    side = 2 * (min(width, height) // 24) + 1
    room = min(width, height) // 4  # within the middle that is seen
    x = data.draw(st.integers(width // 2 - room, width // 2 + room))
    y = data.draw(st.integers(height // 2 - room, height // 2 + room))
    path = dot(tmp_path_factory.mktemp("dot") / "a.png", width, height, x, y, side)
    photo = one(path, small, crop)
    light = photo.pixels[0].double()
    rows, columns = torch.meshgrid(*(torch.arange(n) + 0.5 for n in light.shape), indexing="ij")
    found = photo.frame.point(*((place * light).sum().item() / light.sum().item() for place in (columns, rows)))
    assert found == pytest.approx((x + 0.5, y + 0.5), abs=0.15 * max(photo.frame.across, photo.frame.down))


def test_the_window_of_the_middle_and_of_the_whole(small, picture):
    path = picture("a.png", 100, 50)
    photo = one(path, small)
    assert photo.window == pytest.approx((30, 5, 70, 45))  # 40 of 50 pixels high is 32 of 40
    whole = one(path, small, crop=False)
    assert whole.pixels.shape == (3, 40, 80)
    assert whole.window == pytest.approx((0, 0, 100, 50))


def test_a_net_of_one_size_sees_the_middle(random_weights, picture):
    from netdsl.seeing.subject import open_subject

    net = "net f { input 3x16x16  C3-4 R P F5 }  recipe imagenet { normalize = imagenet }"
    subject = open_subject(net, random_weights(net))
    photo = one(picture("a.png", 100, 50), subject, crop=False)
    assert photo.pixels.shape == (3, 16, 16) and photo.window == pytest.approx((25, 0, 75, 50))


def test_a_camera_that_was_turned(small, picture, tmp_path):
    path = picture("a.png", 60, 40)
    turned = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned right: to be shown so, the stored picture is turned left
    with Image.open(path) as image:
        image.transpose(Image.Transpose.ROTATE_90).save(turned, exif=exif)
    photo, expected = one(turned, small), one(path, small)
    assert photo.size == (60, 40) and torch.equal(photo.pixels, expected.pixels)
    assert photo.picture().size == (60, 40)


def test_modes(small, picture, tmp_path):
    plain = one(picture("a.png", 50, 50), small).pixels.int()
    assert torch.equal(one(picture("b.png", 50, 50, "RGBA"), small).pixels.int(), plain), "opaque"
    cmyk = one(picture("c.tif", 50, 50, "CMYK"), small).pixels.int()
    assert (cmyk - plain).abs().max() <= 2
    grey = one(picture("d.png", 50, 50, "L"), small).pixels.int()
    assert torch.equal(grey[0], grey[2])


def test_cmyk_of_a_camera(small, tmp_path):
    """A JPEG in four colours is written inverted, as Adobe does it."""
    Image.new("RGB", (50, 50), (200, 100, 50)).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    colour = one(tmp_path / "a.jpg", small).pixels.flatten(1).float().mean(1)
    assert (colour - torch.tensor([200.0, 100.0, 50.0])).abs().max() < 4


def sixteen_bits(path: Path, colour: tuple[int, int, int]) -> Path:
    """A PNG of 16 bits a colour, which Pillow reads and does not write."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = b"\0" + struct.pack(">3H", *colour) * 50
    head = struct.pack(">2I5B", 50, 50, 16, 2, 0, 0, 0)
    image = part(b"IHDR", head) + part(b"IDAT", zlib.compress(row * 50)) + part(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + image)
    return path


def test_sixteen_bits(small, tmp_path):
    """The upper 8 of them, of grey and of colours."""
    for name in ("grey.png", "grey.tif"):
        Image.fromarray(np.full((50, 50), 200 * 257, np.uint16)).save(tmp_path / name)
        assert (one(tmp_path / name, small).pixels == 200).all()
    photo = one(sixteen_bits(tmp_path / "colour.png", (200 * 257, 100 * 257, 50 * 257)), small)
    assert {tuple(p) for p in photo.pixels.flatten(1).T.tolist()} == {(200, 100, 50)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_is_no_file(small, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (refused,) = read_photos([tmp_path / "pipe.png"], small)
    assert isinstance(refused, Refused) and refused.reason == "not a file"


def test_transparent_is_white(small, tmp_path):
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "a.png")
    Image.new("RGBA", (50, 50), (0, 0, 255, 51)).save(tmp_path / "b.png")
    palette = Image.new("P", (50, 50), 3)
    palette.save(tmp_path / "c.gif", transparency=3)
    assert (one(tmp_path / "a.png", small).pixels == 255).all()
    assert one(tmp_path / "b.png", small).pixels[:, 0, 0].tolist() == [204, 204, 255]
    assert (one(tmp_path / "c.gif", small).pixels == 255).all()


def test_an_animation_is_its_first_picture(small, tmp_path):
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    photo = one(tmp_path / "a.gif", small)
    assert photo.pixels[:, 0, 0].tolist() == [255, 0, 0]
    assert photo.remark == "the first of 3 pictures"


def test_one_pixel(small, tmp_path):
    Image.new("RGB", (1, 1), (10, 20, 30)).save(tmp_path / "a.png")
    for crop in (True, False):
        photo = one(tmp_path / "a.png", small, crop)
        assert photo.size == (1, 1) and {tuple(p) for p in photo.pixels.flatten(1).T.tolist()} == {(10, 20, 30)}


def test_what_is_refused_leaves_the_others(small, picture, tmp_path):
    good = picture("good.png", 50, 50)
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:2000])
    (tmp_path / "folder").mkdir()
    Image.new("1", (10_000, 10_000)).save(tmp_path / "bomb.png")
    names = ["text.png", "good.png", "empty.jpg", "cut.png", "folder", "no.png", "bomb.png"]
    found = dict(zip(names, read_photos([tmp_path / name for name in names], small), strict=True))
    assert isinstance(found.pop("good.png"), Photo)
    reasons = {name: refused.reason for name, refused in found.items() if isinstance(refused, Refused)}
    assert reasons.pop("cut.png").startswith("damaged: ")
    assert reasons == {
        "text.png": "not an image",
        "empty.jpg": "not an image",
        "folder": "a folder without image files",
        "no.png": "no such file",
        "bomb.png": "too many pixels",
    }


def test_too_long_to_be_seen_whole(small, picture):
    path = picture("a.png", 200, 3)
    (refused,) = read_photos([path], small, crop=False)
    assert isinstance(refused, Refused) and refused.reason.startswith("67 times longer than wide")
    assert isinstance(read_photos([path], small)[0], Photo)


def test_a_folder_is_its_image_files(picture, tmp_path):
    for name in ("f/b.png", "f/a.jpg", "f/deeper/c.png", "f/.hidden.png", "g.png"):
        picture(name, 10, 10)
    (tmp_path / "f" / "notes.txt").write_text("no image")
    found = files_of([tmp_path / "g.png", tmp_path / "f", tmp_path / "none.png"])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "g.png",
        "f/a.jpg",
        "f/b.png",
        "f/deeper/c.png",
        "none.png",
    ]


def test_a_picture_that_changes_in_between(small, picture):
    photo = one(picture("a.png", 50, 40), small)
    picture("a.png", 50, 41)
    with pytest.raises(OSError, match="changed"):
        photo.picture()


def test_batches_are_of_one_size(small, picture):
    names = [("a.png", 50, 50), ("b.png", 100, 50), ("c.png", 60, 60), ("d.png", 70, 70), ("e.png", 80, 40)]
    photos = read_photos([picture(*name) for name in names], small, crop=False)
    assert [[p.path.name for p in batch] for batch in batches(photos, 2)] == [
        ["a.png", "c.png"],
        ["d.png"],
        ["b.png", "e.png"],
    ]


def test_real_photographs_are_named(squeezenet, content):
    """Whole, and as in a test: the README of the weights has the first names for the second."""
    for name, expected in (("chelsea", "Egyptian cat"), ("coffee", "espresso"), ("rocket", "pole")):
        for crop in (True, False):
            photo = one(content(name), squeezenet, crop)
            module = squeezenet.at(tuple(photo.pixels.shape[1:]))
            with torch.no_grad():
                best = int(module(squeezenet.batch(photo.pixels[None])).argmax())
            assert squeezenet.classes[best] == expected
