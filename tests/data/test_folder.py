"""Folders of images: classes by sub-folder, splits, sizes, the cache, and files that are no images."""

import os
import shutil
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.data import Cut, class_names, folder, known, load, recipe_names, stem
from netdsl.data.folder import scan
from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap

from ..outside import real

SMALL = Cut(FeatureMap(3, (8, 8)))


def save(path, colour, size=(8, 8), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)


@pytest.fixture
def place(tmp_path):
    """Ten images of each of two classes, of different sizes; class `a` is red, `b` is green."""
    top = tmp_path / "colours"
    for number in range(10):
        save(top / "b" / f"{number}.png", (0, 100 + number, 0), (9 + number, 30))
        save(top / "a" / f"{number}.png", (100 + number, 0, 0), (30, 9 + number))
    return top


def read(place, cut=SMALL, said=None):
    return load(f"folder:{place}", cut=cut, say=(said if said is not None else []).append)


def refused(place, code, cut=SMALL):
    with pytest.raises(DiagnosticsError) as caught:
        read(place, cut)
    assert [d.code for d in caught.value.diagnostics] == [code]
    return str(caught.value)


def test_classes_are_sub_folders_in_the_order_of_their_names(place):
    assert class_names(f"folder:{place}+") == ("a", "b")
    assert known(f"folder:{place}")[1] == 2
    said = []
    data = read(place, said=said)
    assert data.class_names == ("a", "b") and data.name == f"folder:{place}"
    assert (len(data.train_images), len(data.test_images)) == (16, 4)
    for images, labels in (data.split("train"), data.split("test")):
        assert images.shape[1:] == (3, 8, 8) and images.dtype == torch.uint8
        assert torch.equal((images[:, 1, 4, 4] > 0).long(), labels), "green is b"
    assert data.test_labels.tolist() == [0, 0, 1, 1]
    assert "4 are held out" in said[-1]


def test_the_same_test_images_each_time(place):
    assert torch.equal(read(place).test_images, read(place).test_images)


def test_train_and_test_folders(tmp_path):
    for split, count in (("train", 3), ("test", 2), ("val", 1)):
        for number in range(count):
            save(tmp_path / split / "cat" / f"{number}.png", (200, 0, 0))
            save(tmp_path / split / "dog" / f"{number}.jpg", (0, 0, 200))
    data = read(tmp_path)
    assert [len(data.split(split)[0]) for split in ("train", "valid", "test")] == [6, 2, 4]
    shutil.rmtree(tmp_path / "test")
    data = read(tmp_path)
    assert data.valid_images is None and len(data.test_images) == 2
    save(tmp_path / "val" / "bird" / "0.png", (1, 2, 3))
    assert "bird" in refused(tmp_path, "NET522")


def test_the_shorter_side_is_resized_and_the_middle_kept(tmp_path):
    """40x20 pixels, dark at the outer sides: those are cut off."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 8:32] = 200
    for split in ("train", "test"):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / split / name / "0.png")
    assert (read(tmp_path).train_images == 200).all()
    larger = Cut(FeatureMap(3, (8, 8)), resize=12, whole=True)
    data = read(tmp_path, larger)
    assert data.train_images.shape[2:] == (12, 12) and data.test_images.shape[2:] == (8, 8)
    assert data.image == FeatureMap(3, (8, 8))


def test_with_pillow_as_the_oracle(tmp_path, real_photos):
    for split in ("train", "test"):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            shutil.copy(real_photos[0], tmp_path / split / name)
    with Image.open(real_photos[0]) as photo:
        width, height = photo.size
        short = min(width, height)
        resized = photo.resize((round(width * 64 / short), round(height * 64 / short)), Image.Resampling.BILINEAR)
    left, top = (resized.width - 64) // 2, (resized.height - 64) // 2
    expected = np.asarray(resized.crop((left, top, left + 64, top + 64))).transpose(2, 0, 1).astype(int)
    found = read(tmp_path, Cut(FeatureMap(3, (64, 64)))).test_images[0].numpy().astype(int)
    assert np.abs(found - expected).mean() < 3, "resizing first and cutting then differs by parts of a pixel"


@pytest.fixture(scope="session")
def real_photos():
    found = sorted(real("photos/kodak").glob("*.jpg"))
    assert found
    return found


def test_grey_and_other_modes(tmp_path):
    for split in ("train", "test"):
        save(tmp_path / split / "a" / "0.png", 77, mode="L")
        save(tmp_path / split / "b" / "0.png", 0x4D12, mode="I;16")
    data = read(tmp_path, Cut(FeatureMap(1, (8, 8))))
    assert data.train_images.shape == (2, 1, 8, 8) and (data.train_images == 77).all()
    save(tmp_path / "train" / "a" / "1.png", 3, mode="P")
    save(tmp_path / "train" / "a" / "2.png", (1, 2, 3, 0), mode="RGBA")
    images = read(tmp_path).train_images
    assert images.shape == (4, 3, 8, 8)
    assert (images.flatten(1) == 255).all(1).sum() == 1, "what is transparent is white, not the colour under it"


def test_a_camera_that_was_turned(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    for split in ("train", "test"):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / split / name / "0.jpg", exif=exif, quality=95)
    image = read(tmp_path).test_images[0].float()
    assert image[:, :3].mean() < 50 < 200 < image[:, 5:].mean()


def bomb(path, side=20_000):
    """A PNG of 400 million black pixels in 50 KB."""
    row = zlib.compress(b"\0" * ((side // 8 + 1) * 100))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b""))


@pytest.mark.filterwarnings("error")
def test_what_is_no_image_is_left_out_and_named(place):
    (place / "a" / "notes.txt").write_text("not a picture")
    (place / "a" / "empty.png").write_bytes(b"")
    save(place / "a" / "cut.png", (5, 5, 5), (50, 50))
    whole = (place / "a" / "0.png").read_bytes()
    (place / "a" / "cut.png").write_bytes(whole[: len(whole) // 2])
    bomb(place / "a" / "big.png")
    bomb(place / "b" / "large.png", 10_000)
    (place / "b" / ".hidden").write_text("passed over")
    said = []
    data = read(place, said=said)
    assert len(data.train_images) + len(data.test_images) == 20
    (left,) = [message for message in said if "left out" in message]
    assert "5 of 25 files" in left
    assert "big.png (too many pixels)" in left and "and 2 more" in left
    again = []
    assert torch.equal(read(place, said=again).train_images, data.train_images)
    assert left in again and not any("decoding" in message for message in again)


def test_a_changed_file_is_decoded_again(place):
    before, said = read(place), []
    file = place / "b" / "5.png"
    save(file, (0, 250, 0))
    os.utime(file, ns=(1, 1))
    after = read(place, said=said)
    assert any("decoding 20 files" in message for message in said)
    assert 250 in torch.cat([after.train_images, after.test_images]) and not (before.train_images == 250).any()


def test_a_damaged_cache_is_made_again(place, cache):
    whole = read(place)
    (file,) = (cache / "decoded").glob("folder-*.npy")
    file.write_bytes(file.read_bytes()[:-9] + b"\1" * 9)
    assert torch.equal(read(place).train_images, whole.train_images)


class Meter:
    total = 0
    seen = 0
    closed = False

    def update(self, count):
        self.seen += count

    def reset(self):
        self.seen = 0

    def close(self):
        self.closed = True


def test_progress_while_decoding(place):
    meter = Meter()
    load(f"folder:{place}", cut=SMALL, meter=meter)
    assert meter.closed and meter.total == meter.seen == sum(file.stat().st_size for file in place.rglob("*.png"))


def test_a_folder_that_cannot_be(tmp_path, place):
    assert "nothing of that name" in refused(tmp_path / "nowhere", "NET511")
    (tmp_path / "one" / "a").mkdir(parents=True)
    assert "the sub-folder a" in refused(tmp_path / "one", "NET522")
    (place / "c").mkdir()
    assert "`" + str(place / "c") + "` is empty" in refused(place, "NET523")
    (place / "c" / "x.png").write_text("no image")
    assert "class `c`" in refused(place, "NET523")


def test_a_class_with_one_image_is_not_tested(tmp_path):
    for name, count in (("a", 9), ("b", 1)):
        for number in range(count):
            save(tmp_path / name / f"{number}.png", (9, 9, 9))
    assert read(tmp_path).test_labels.tolist() == [0, 0]


def test_more_than_the_memory_holds(place, monkeypatch):
    def full(*arguments):
        raise MemoryError

    monkeypatch.setattr(np, "zeros", full)
    assert "--set-recipe resize" in refused(place, "NET524")


def test_names_for_recipes_and_files(place):
    assert recipe_names("folder:x+") == ("folder+", "imagenet+")
    assert recipe_names("cifar10+") == ("cifar10+",)
    assert (stem(f"folder:{place}"), stem("svhn+")) == ("colours", "svhn+")
    assert len(scan(f"folder:{place}").files) == 20 and folder.PREFIX == "folder:"
