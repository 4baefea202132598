"""What a run is about: classes, held-out images, folders; and that its evaluation looks at the same."""

from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.recipes.augmentations import Crop, Mixup
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.setup.choice import Choice, chosen_classes
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.prepare import prepare
from netdsl.tasks.training.train import train

NET = "C3-8 R P4 F2"
BY_NUMBER = "net x(classes = 10, f = 4) { input 3x32x32 C3-{f} R G F{classes} } recipe shapes { epochs = 1 }"


def refused(code, **asked):
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig(**{"net": NET, "data": "shapes", "epochs": 1, **asked}))
    assert [d.code for d in caught.value.diagnostics] == [code]
    return str(caught.value)


def used(run):
    return yaml.safe_load((run / "config.yaml").read_text())


def test_classes_by_name_and_number():
    assert chosen_classes("cifar10", ("ship", "0", "3")) == ("ship", "airplane", "cat")
    assert chosen_classes("mnist", ("7", "2")) == ("7", "2")
    assert len(chosen_classes("cifar100", ())) == 100


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cat", "shipp"), "`ship`"),
        (("cat", "3"), "twice"),
        (("cat", "10"), "0 to 9"),
        (("cat", "-1"), "0 to 9"),
        (("cat",), "two classes"),
    ],
)
def test_classes_that_there_are_not(words, says):
    with pytest.raises(DiagnosticsError) as caught:
        chosen_classes("cifar10", words)
    assert caught.value.diagnostics[0].code == "NET535" and says in str(caught.value)


def test_a_run_on_some_classes_with_held_out_images(few):
    result = train(TrainConfig(NET, "shapes", epochs=1, classes=("star", "2"), valid_fraction=0.2))
    config = used(result.run)
    assert config["data"]["classes"] == ["star", "square"]
    assert (config["data"]["train_images"], config["data"]["valid_images"], config["data"]["test_images"]) == (
        48,
        12,
        20,
    )
    assert config["valid_fraction"] == 0.2
    scores = {split: evaluate(result.run, split=split) for split in ("train", "valid", "test")}
    assert {split: score.images for split, score in scores.items()} == {"train": 48, "valid": 12, "test": 20}
    assert scores["test"].error == result.epochs[0].test_error
    assert scores["valid"].error == result.epochs[0].valid_error
    assert scores["valid"].loss == pytest.approx(result.epochs[0].valid_loss)


def test_it_comes_back_by_config(few):
    first = train(TrainConfig(NET, "shapes", epochs=1, classes=("star", "disk"), valid_fraction=0.2, subset=30))
    again = train(TrainConfig(config=first.run))
    assert used(again.run)["data"] == used(first.run)["data"]
    assert (again.run / "model.safetensors").read_bytes() == (first.run / "model.safetensors").read_bytes()
    other = train(TrainConfig(config=first.run, classes=("ring", "heart")))
    assert used(other.run)["data"]["classes"] == ["ring", "heart"]


def test_held_out_images_do_not_hang_on_the_seed(few):
    one, two = (
        prepare(TrainConfig(NET, "shapes", seed=s, classes=("0", "1"), valid_fraction=0.1), Silent()) for s in (1, 2)
    )
    assert torch.equal(one.data.valid_images, two.data.valid_images)


def test_a_nets_parameter_follows_the_classes(few):
    Path("x.net").write_text(BY_NUMBER)
    result = train(TrainConfig("x.net", "shapes", classes=("0", "1", "2")))
    assert used(result.run)["net"]["settings"] == {"classes": 3}
    assert evaluate(result.run).images == 30
    assert "3 outputs" in refused("NET526", net="x.net", settings={"classes": "4"}, classes=("0", "1", "2"))
    assert "classes: '4'" not in (result.run / "config.yaml").read_text()


def test_what_cannot_be_chosen(few):
    assert "`star`" in refused("NET535", classes=("disk", "stars"))
    assert "0.999" in refused("NET527", classes=("0", "1"), valid_fraction=0.999)
    result = train(TrainConfig(NET, "shapes", epochs=1, classes=("0", "1")))
    with pytest.raises(DiagnosticsError) as caught:
        evaluate(result.run, split="valid")
    assert caught.value.diagnostics[0].code == "NET534"


@pytest.fixture
def colours():
    """Twelve images of each of two classes: red pictures and blue ones, of several sizes."""
    for name, colour in (("red", (200, 20, 20)), ("blue", (20, 20, 200))):
        folder = Path("colours") / name
        folder.mkdir(parents=True)
        for number in range(12):
            Image.new("RGB", (20 + number, 31), tuple(c + number for c in colour)).save(folder / f"{number}.png")
    return "folder:colours"


def test_a_folder_is_trained_and_tried(colours, monkeypatch, tmp_path):
    result = train(TrainConfig("C3-4 R P F2", colours, epochs=4, batch=5, set_recipe={"crop": "8"}))
    assert result.run == Path("runs/inline-colours-1")
    config = used(result.run)
    assert config["data"]["name"] == f"folder:{tmp_path / 'colours'}"
    assert config["data"]["classes"] == ["blue", "red"]
    assert (config["data"]["train_images"], config["data"]["test_images"]) == (20, 4)
    assert config["net"]["input"] == [3, 8, 8]
    monkeypatch.chdir(result.run)
    score = evaluate(tmp_path / result.run)
    assert score.images == 4 and score.error == result.epochs[-1].test_error == 0
    again = train(TrainConfig(config=tmp_path / result.run, out=tmp_path / "again"))
    assert (again.run / "model.safetensors").read_bytes() == Path("model.safetensors").read_bytes()


def test_the_recipes_of_a_folder(colours):
    net = (
        "net x(classes = 1000) { input 3x8x8 C3-4 R G F{classes} } recipe imagenet { epochs = 1 normalize = imagenet }"
    )
    Path("x.net").write_text(net)
    config = used(train(TrainConfig("x.net", colours)).run)
    assert (config["recipe"], config["normalize"], config["data"]["mean"][0]) == ("imagenet", "imagenet", 123.675)
    assert config["net"]["settings"] == {"classes": 2}
    Path("x.net").write_text(net + " recipe folder extends imagenet { epochs = 2 resize = 12 augment = [crop, mixup] }")
    prepared = prepare(TrainConfig("x.net", colours), Silent())
    assert prepared.method.augment == (Crop(), Mixup(0.2)) and prepared.method.epochs == 2
    assert prepared.data.train_images.shape == (20, 3, 12, 12) and prepared.data.test_images.shape == (4, 3, 8, 8)
    result = train(TrainConfig("x.net", colours))
    assert evaluate(result.run, split="train").images == 20
    assert evaluate(result.run).error == result.epochs[-1].test_error
    with pytest.raises(DiagnosticsError) as caught:
        train(TrainConfig("x.net", f"{colours}+"))
    assert caught.value.diagnostics[0].code == "NET536"


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        ({"resize": "6", "crop": "8"}, "NET532", "8 pixels or more"),
        ({"augment": "crop", "crop": "8"}, "NET532", "nothing to cut from"),
        ({"augment": "scale_jitter(6, 9)", "crop": "8"}, "NET532", "8 or more"),
    ],
)
def test_sizes_that_do_not_go_together(colours, lines, code, says):
    assert says in refused(code, data=colours, set_recipe=lines)


def test_a_crop_that_is_not_the_nets_input(colours):
    assert "3x8x8" in refused("NET532", net="net x { input 3x8x8 G F2 }", data=colours, set_recipe={"crop": "9"})
    assert "5x8x8" in refused("NET525", net="net x { input 5x8x8 G F2 }", data=colours)


@pytest.mark.parametrize("line", [{"resize": "40"}, {"crop": "32"}, {"augment": "crop"}])
def test_sizes_are_for_folders(few, line):
    refused("NET532", net="net x { input 3x32x32 G F10 }", set_recipe=line)


@pytest.mark.parametrize("line", [{"augment": "pca_noise"}, {"augment": "colour_jitter"}, {"normalize": "imagenet"}])
def test_colours_of_grey_images(line):
    assert "1x28x28" in refused("NET532", net="net x { input 1x28x28 G F10 }", data="mnist", set_recipe=line)


def test_what_a_choice_takes_from_a_file_is_checked():
    with pytest.raises(DiagnosticsError):
        Choice.kept({"data": {"name": "shapes", "classes": ["disk", "dodo"]}}, None)


def test_a_folder_is_resumed(colours, monkeypatch):
    class Stopping(Silent):
        def epoch(self, epoch):
            if epoch.epoch == 2:
                raise KeyboardInterrupt

    asked = TrainConfig(
        "C3-4 R P F2",
        colours,
        epochs=4,
        batch=5,
        classes=("red", "blue"),
        valid_fraction=0.2,
        set_recipe={"crop": "8", "resize": "12", "augment": "[crop, pca_noise, mixup]"},
        deterministic=True,
    )
    whole = train(asked)
    with pytest.raises(KeyboardInterrupt):
        train(asked, Stopping())
    stopped = Path("runs/inline-colours-2")
    train(TrainConfig(resume=stopped))
    assert (stopped / "model.safetensors").read_bytes() == (whole.run / "model.safetensors").read_bytes()
    assert used(stopped)["data"] == used(whole.run)["data"]
