"""Folders of pictures: names kept, what is no picture named."""

from pathlib import Path

import pytest
from PIL import Image, ImageOps

from netdsl.style.pictures.folder import files_in, paint_folder, target


def save(name: str, size=(30, 20), colour="red") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(name)


@pytest.fixture
def folder(quiet_place) -> Path:
    save("in/a.jpg")
    save("in/deep/b.png", (20, 40), "blue")
    save("in/c.gif")
    save("in/tiny.png", (30, 5))
    Path("in/notes.txt").write_text("no picture")
    Path("in/broken.jpg").write_bytes(Path("in/a.jpg").read_bytes()[:200])
    Path("in/.hidden.png").write_bytes(b"")
    return Path("in")


def test_names_are_kept_and_what_is_no_picture_is_named(folder) -> None:
    out, told = Path("out"), []
    files = files_in(folder, out)
    left = paint_folder(folder, out, files, ImageOps.invert, None, lambda done, of: told.append((done, of)))
    assert told == [(number, 6) for number in range(1, 7)]
    made = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert made == {"a.jpg", "deep/b.png", "c.gif.png"}
    with Image.open(out / "a.jpg") as picture:
        assert picture.format == "JPEG" and picture.size == (30, 20) and picture.getpixel((3, 3))[1] > 240
    with Image.open(out / "deep/b.png") as picture:
        assert picture.getpixel((3, 3)) == (255, 255, 0)
    reasons = {each.path.name: each.reason for each in left}
    assert reasons.keys() == {"notes.txt", "broken.jpg", "tiny.png"}
    assert reasons["notes.txt"] == "not an image" and "30x5" in reasons["tiny.png"]


def test_a_size_is_that_of_the_longer_side(folder) -> None:
    paint_folder(folder, Path("out"), [folder / "deep/b.png"], lambda picture: picture, 80)
    with Image.open("out/deep/b.png") as picture:
        assert picture.size == (40, 80)


def test_what_was_painted_before_is_not_painted_again(folder) -> None:
    save("in/out/a.jpg")
    assert Path("in/out/a.jpg") not in files_in(folder, Path("in/out"))
    assert Path("in/out/a.jpg") in files_in(folder, Path("elsewhere"))
    assert target(Path("in/deep/B.JPG"), folder, Path("x")) == Path("x/deep/B.JPG")


def test_a_picture_that_fails_leaves_nothing_and_the_ones_before_it_stay(folder) -> None:
    def paint(picture):
        if picture.size == (20, 40):
            raise KeyboardInterrupt
        return picture

    with pytest.raises(KeyboardInterrupt):
        paint_folder(folder, Path("out"), files_in(folder, Path("out")), paint)
    assert sorted(path.name for path in Path("out").rglob("*") if path.is_file()) == ["a.jpg", "c.gif.png"]
