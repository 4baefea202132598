"""What is painted from: files, samples, masks, and what is said of those that cannot be."""

import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.pictures.samples import SCENE, SIZE, STYLES
from netdsl.style.pictures.sources import (
    as_picture,
    as_tensor,
    content_picture,
    mask_picture,
    sample,
    scaled,
    style_picture,
)


def refused(call, *arguments):
    with pytest.raises(DiagnosticsError) as caught:
        call(*arguments)
    (problem,) = caught.value.diagnostics
    return problem


@pytest.mark.parametrize("name", STYLES)
def test_samples_are_paint(name) -> None:
    """Of many colours, rough everywhere, and not the same above as below or left as right by chance."""
    picture = sample(name)
    assert picture.size == SIZE
    pixels = as_tensor(picture)
    assert (pixels.diff(dim=-1).abs().mean() > 4) and (pixels.diff(dim=-2).abs().mean() > 4)
    assert pixels.std((2, 3)).min() > 20


def test_a_sample_is_equal_each_time() -> None:
    assert sample("starry").tobytes() == sample("starry").tobytes()


def test_the_sample_names_take_any_ending_and_a_file_comes_first() -> None:
    assert style_picture("starry.jpg").tobytes() == style_picture("starry").tobytes()
    Image.new("RGB", (40, 30), "red").save("starry.png")
    assert style_picture("starry.png").size == (40, 30)


def test_a_style_that_is_not_there() -> None:
    Image.new("RGB", (40, 30)).save("my_wave.jpg")
    problem = refused(style_picture, "my_waves.jpg")
    assert problem.code == "NET650" and problem.note == "did you mean `my_wave.jpg`?"
    assert refused(style_picture, "stary.jpg").note == "did you mean `starry`?"
    assert refused(style_picture, "elsewhere/starry.jpg").code == "NET650"


def test_content() -> None:
    assert content_picture(None).size == SCENE
    (problem,) = [refused(content_picture, "photo.jpg")]
    assert problem.code == "NET651"


def test_files_that_are_no_pictures(tmp_path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    assert refused(content_picture, "a.jpg").found == "not an image"
    assert refused(content_picture, str(tmp_path)).found == "a folder"
    Image.new("RGB", (15, 40)).save("small.png")
    assert refused(style_picture, "small.png").found == "15x40"


def test_scaled() -> None:
    assert scaled(Image.new("RGB", (400, 300)), 200).size == (200, 150)
    assert scaled(Image.new("RGB", (30, 40)), 80).size == (60, 80)
    assert "16 pixels" in str(refused(scaled, Image.new("RGB", (400, 40)), 100).expected)


def test_masks() -> None:
    mask = Image.new("L", (40, 30))
    mask.save("black.png")
    mask.paste(255, (0, 0, 20, 30))
    mask.save("left.png")
    found = as_tensor(mask_picture("left.png", (80, 60)))
    assert found.shape == (1, 1, 60, 80) and found[..., :40].min() == 255 and found[..., 40:].max() == 0
    assert refused(mask_picture, "left.png", (60, 60)).code == "NET654"
    assert refused(mask_picture, "black.png", (80, 60)).code == "NET654"


def test_pixels_there_and_back() -> None:
    picture = sample("garden")
    assert as_picture(as_tensor(picture)).tobytes() == picture.tobytes()
    assert as_picture(torch.tensor([-5.0, 260.0, 99.6]).view(1, 3, 1, 1)).getpixel((0, 0)) == (0, 255, 100)
