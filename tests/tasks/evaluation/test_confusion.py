"""The picture of confusions."""

import pytest
import torch
from PIL import Image

from netdsl.tasks.evaluation.confusion import save_confusion
from netdsl.tasks.evaluation.score import answers


def made(classes):
    chance = torch.Generator().manual_seed(0)
    labels = torch.arange(20 * classes) % classes
    scores = torch.randn(len(labels), classes, generator=chance) + 4 * torch.eye(classes)[labels]
    return answers(scores.log_softmax(1), labels, [f"class number {n}" for n in range(classes)])


@pytest.mark.parametrize(("classes", "least"), [(2, 540), (10, 700), (100, 1500)])
def test_a_picture_that_grows_with_the_classes(tmp_path, classes, least):
    save_confusion(made(classes), "a net on some data", tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert min(picture.size) >= least


def test_mistakes_are_dark_and_right_answers_are_not(tmp_path):
    """All images of class 0 are taken for class 1: the square at the right of the first row is the darkest."""
    labels = torch.tensor([0] * 8 + [1] * 8)
    save_confusion(
        answers(torch.eye(2)[torch.ones_like(labels)].log_softmax(1), labels, ("x", "y")), "", tmp_path / "c"
    )
    with Image.open(tmp_path / "c") as picture:
        width, height = picture.size
        grey = picture.convert("L")
        quarter = [grey.getpixel((round(width * x), round(height * y))) for y in (0.2, 0.65) for x in (0.25, 0.55)]
    assert quarter[1] == min(quarter) < 100 < min(quarter[0], quarter[3])
