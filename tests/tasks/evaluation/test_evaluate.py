"""Trained nets tried on test images: plainly as after training, by several views, several runs together."""

import shutil
from dataclasses import replace
from math import log

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from netdsl import DiagnosticsError, data
from netdsl.data.contrast import GlobalContrast, Whitening
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.evaluation.evaluate import draw_confusion, evaluate, evaluate_all
from netdsl.tasks.evaluation.predict import log_probabilities
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.evaluation.views import Views, resized
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent
from netdsl.tasks.training.train import train

NET = "C3-8 B R P C3-8 R G F10"


@pytest.fixture(scope="module")
def trained_once(few_shapes, tmp_path_factory):
    """Two of equal nets, one with a fixed size; and the last epoch of each."""
    folder = tmp_path_factory.mktemp("runs")
    asked = TrainConfig(NET, "shapes", epochs=1, batch=32, set_recipe={"augment": "pad_crop(3)"}, out=folder / "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data.synthetic, "load", lambda say: few_shapes)
        first = train(asked)
        second = train(replace(asked, seed=1, out=folder / "b"))
        third = train(replace(asked, net="C3-8 R P F10", set_recipe={}, out=folder / "c"))
    return first, second, third


@pytest.fixture
def runs(trained_once, few, tmp_path):
    """Copies, which a test may spoil."""
    copies = [tmp_path / trained.run.name for trained in trained_once]
    for trained, copy in zip(trained_once, copies, strict=True):
        shutil.copytree(trained.run, copy)
    return [replace(trained, run=copy) for trained, copy in zip(trained_once, copies, strict=True)]


def test_plain_results_are_those_of_the_last_epoch(runs, few):
    for trained in runs:
        found = evaluate(trained.run)
        last = trained.epochs[-1]
        assert found.error == last.test_error and found.loss == pytest.approx(last.test_loss, rel=1e-5)
        assert sum(map(sum, found.answers.confusion)) == found.images == len(few.test_images)
        assert evaluate(trained.run, views=Views(dense=True)).error == found.error, "at its own size, the same"


def test_views_are_a_mean_of_probabilities(runs, few):
    """By hand: softmax of each view through the same module, averaged."""
    opened = open_run(runs[0].run)
    opened.module.eval()
    images = few.test_images[:20]
    normalized = [opened.normalization(view) for view in (images, images.flip(-1))]
    with torch.inference_mode():
        by_hand = torch.stack([opened.module(x).softmax(1) for x in normalized]).mean(0)
    found = log_probabilities(opened, images, Views(flip=True), Engine()).exp().cpu()
    assert torch.allclose(found, by_hand, atol=1e-5)
    assert torch.allclose(found.sum(1), torch.ones(20), atol=1e-5)


def test_crops_of_a_larger_image_by_hand(runs, few):
    """Each window cut, normalized and answered by itself."""
    opened = open_run(runs[2].run)
    opened.module.eval()
    images = few.test_images[:10]
    larger = resized(images, 36)
    with torch.inference_mode():
        windows = [larger[:, :, y : y + 32, x : x + 32] for y, x in ((0, 0), (0, 4), (4, 0), (4, 4), (2, 2))]
        both = [view for window in windows for view in (window.clone(), window.flip(-1))]
        by_hand = torch.stack([opened.module(opened.normalization(view)).softmax(1) for view in both]).mean(0)
    found = log_probabilities(opened, images, Views(10, scales=(36,))).exp().cpu()
    assert torch.allclose(found, by_hand, atol=1e-5)


def test_a_net_that_takes_any_size_looks_at_the_whole_image(runs, few):
    """A padded image through the net laid out for it: what the module itself gives at that size."""
    opened = open_run(runs[0].run)
    larger = torch.nn.functional.pad(few.test_images[:4], (2, 2, 2, 2))
    opened.module.eval()
    with torch.inference_mode():
        by_hand = opened.module(opened.normalization(larger)).softmax(1)
    assert torch.allclose(log_probabilities(opened, larger, Views(dense=True)).exp().cpu(), by_hand, atol=1e-5)
    assert opened.at((32, 32)) is opened.module
    assert evaluate(runs[0].run, views=Views(scales=(28, 32, 36))).images == len(few.test_images)


def test_views_of_a_folder_are_taken_from_the_images_as_they_are_stored(tmp_path):
    """Stored at 40 pixels for an input of 32: windows and whole images need no border and no resizing."""
    chance = torch.Generator().manual_seed(0)
    for part, count in (("train", 12), ("test", 3)):
        for name in ("a", "b"):
            (tmp_path / "images" / part / name).mkdir(parents=True)
            for number in range(count):
                pixels = torch.randint(0, 256, (44, 44, 3), dtype=torch.uint8, generator=chance).numpy()
                Image.fromarray(pixels).save(tmp_path / "images" / part / name / f"{number}.png")
    net = "net n { input 3x32x32 C3-4 B R G F2 }"
    recipe = {"resize": "40", "augment": "crop"}
    asked = TrainConfig(
        net, f"folder:{tmp_path / 'images'}", set_recipe=recipe, epochs=1, batch=8, out=tmp_path / "run"
    )
    done = train(asked)
    sizes = set()

    def seen(views, images, *rest):
        sizes.add((str(views), tuple(images.shape[2:])))
        return of(views, images, *rest)

    of = Views.of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Views, "of", seen)
        plain, *others = [
            evaluate(done.run, views=v) for v in (Views(), Views(flip=True), Views(10), Views(dense=True))
        ]
    assert plain.error == done.epochs[-1].test_error and {other.images for other in others} == {6}
    assert sizes == {
        ("the image", (32, 32)),
        ("the image and its mirror", (32, 32)),
        ("10 crops", (40, 40)),
        ("the whole image", (40, 40)),
    }


def test_crops_take_the_border_of_the_training(runs):
    assert evaluate(runs[0].run, views=Views(10)).images == 100
    assert open_run(runs[0].run).border == 3 and open_run(runs[2].run).border == 0
    assert evaluate(runs[2].run, views=Views(144)).images == 100


@pytest.mark.parametrize(
    ("run", "views", "text"),
    [
        (2, Views(scales=(36,)), "cannot look at images of 36x36"),
        (2, Views(10), "no windows to cut"),
    ],
)
def test_views_that_cannot_be(runs, run, views, text):
    with pytest.raises(DiagnosticsError) as error:
        evaluate(runs[run].run, views=views)
    (found,) = error.value.diagnostics
    assert found.code == "NET590" and text in found.message


def test_whitened_images_keep_their_size(runs, few):
    size = few.test_images[0].numel()
    whitening = Whitening((0,) * 3, (1,) * 3, centre=torch.zeros(size), matrix=torch.eye(size))
    opened, images = replace(open_run(runs[0].run), normalization=whitening), few.test_images[:3]
    with pytest.raises(DiagnosticsError) as error:
        log_probabilities(opened, images, Views(scales=(36,)))
    assert error.value.diagnostics[0].code == "NET590"
    contrast = replace(opened, normalization=GlobalContrast((0,) * 3, (1,) * 3))
    both = [log_probabilities(each, images, Views(10, scales=(36,))) for each in (opened, contrast)]
    assert torch.allclose(*both, atol=1e-4), "this whitening changes nothing"


def test_an_ensemble_is_the_mean_of_probabilities(runs, few):
    folders = [trained.run for trained in runs]
    *each, mean = evaluate_all(folders, ensemble=True)
    assert [result.run for result in each] == [str(run) for run in folders] and mean.run == "mean of 3"
    logs = torch.stack([log_probabilities(open_run(run), few.test_images, Views()) for run in folders])
    by_hand = logs.exp().mean(0).cpu()
    assert mean.wrong == int((by_hand.argmax(1) != few.test_labels).sum())
    alone = evaluate_all([folders[0]] * 2, ensemble=True)
    assert alone[-1].wrong == alone[0].wrong and alone[-1].loss == pytest.approx(alone[0].loss)


def test_runs_on_other_data_have_no_mean(runs, tmp_path, monkeypatch):
    config = (runs[1].run / "config.yaml").read_text()
    monkeypatch.setitem(data.FITS, "forms", data.FITS["shapes"])
    (runs[1].run / "config.yaml").write_text(config.replace("name: shapes", "name: forms"))
    with pytest.raises(DiagnosticsError) as error:
        evaluate_all([runs[0].run, runs[1].run], ensemble=True)
    assert error.value.diagnostics[0].code == "NET591"


def test_weights_that_have_diverged(runs):
    path = runs[0].run / "model.safetensors"
    tensors = load_file(path)
    save_file(
        {name: tensor * float("nan") if tensor.is_floating_point() else tensor for name, tensor in tensors.items()},
        path,
    )
    with pytest.raises(DiagnosticsError) as error:
        evaluate(runs[0].run)
    assert error.value.diagnostics[0].code == "NET540"


def test_the_best_weights(runs):
    """Another file, which a run that is trained in one epoch has as a copy of its last weights."""
    run = runs[0].run
    tensors = load_file(run / "best.safetensors")
    assert evaluate(run, best=True) == evaluate(run)
    save_file({name: tensor * 0 for name, tensor in tensors.items()}, run / "best.safetensors")
    assert evaluate(run, best=True).loss == pytest.approx(log(10)), "nothing but zeros: all classes alike"
    (run / "best.safetensors").unlink()
    with pytest.raises(DiagnosticsError) as error:
        evaluate(run, best=True)
    assert error.value.diagnostics[0].code == "NET554"


def test_progress_is_told(runs):
    told = []

    class Watch(Silent):
        def progress(self, what, done, total):
            told.append((what, done, total))

    evaluate(runs[0].run, watch=Watch())
    assert told == [(str(runs[0].run), 100, 100)]


def test_pictures(runs, tmp_path):
    results = evaluate_all([runs[0].run, runs[1].run], ensemble=True)
    assert draw_confusion(results[:2]) == [runs[0].run / "confusion.png", runs[1].run / "confusion.png"]
    assert draw_confusion(results[2:], tmp_path / "mean.png") == [tmp_path / "mean.png"]
    with pytest.raises(DiagnosticsError) as error:
        draw_confusion(results[2:], tmp_path / "nowhere" / "mean.png")
    assert error.value.diagnostics[0].code == "NET551"


def test_measure_agrees(runs, few):
    """What training measures and what evaluation counts are the same figures."""
    opened = open_run(runs[1].run)
    score = measure(opened.module, few.test_images, few.test_labels, opened.normalization)
    found = evaluate(runs[1].run)
    assert (score.wrong, score.images) == (found.wrong, found.images)
    assert score.loss == pytest.approx(found.loss, rel=1e-5)


def test_a_run_in_bfloat16_is_tried_in_it(few):
    result = train(TrainConfig("C3-8 B R P C3-8 R P F10", "shapes", epochs=1, batch=32, precision="bf16"))
    assert evaluate(result.run).error == result.epochs[-1].test_error
    fp32 = measure_in(result.run, "fp32")
    assert abs(fp32 - result.epochs[-1].test_loss) > 0
    assert evaluate(result.run).loss == pytest.approx(result.epochs[-1].test_loss, abs=1e-6)


def measure_in(run, precision):
    config = run / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("precision: bf16", f"precision: {precision}"))
    found = evaluate(run).loss
    config.write_text(text)
    return found
