"""A run's normalization, and the same again in the evaluation, on images so small that whitening is quick."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from safetensors.torch import load_file, save_file

from netdsl import data
from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train


@pytest.fixture
def small(monkeypatch, few_shapes):
    """`--data shapes` means 8x8 pixels from the middle of 300 + 100 pictures."""
    parts = {name: getattr(few_shapes, name)[:, :, 12:20, 12:20] for name in ("train_images", "test_images")}
    monkeypatch.setattr(data.synthetic, "load", lambda say: replace(few_shapes, **parts))
    monkeypatch.setitem(data.FITS, "shapes", (FeatureMap(3, (8, 8)), few_shapes.class_names))


@pytest.mark.parametrize("word", ["gcn", "zca", "none"])
def test_the_normalization_is_kept_for_the_evaluation(small, word):
    Path("x.net").write_text(f"net x {{ input 3x8x8 P F10 }} recipe shapes {{ normalize = {word} epochs = 1 }}")
    result = train(TrainConfig("x.net", "shapes"))
    assert yaml.safe_load((result.run / "config.yaml").read_text())["normalize"] == word
    assert evaluate(result.run).loss == pytest.approx(result.epochs[-1].test_loss)


@pytest.mark.parametrize(("content", "expected"), [(None, "NET554"), (b"x", "NET554"), ("other", "NET555")])
def test_a_whitening_that_is_not_the_runs(small, content, expected):
    Path("x.net").write_text("net x { input 3x8x8 P F10 } recipe shapes { normalize = zca epochs = 1 }")
    run = train(TrainConfig("x.net", "shapes")).run
    path = run / "whitening.safetensors"
    if content is None:
        path.unlink()
    elif content == "other":
        save_file({"centre": load_file(path)["centre"]}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(DiagnosticsError) as caught:
        evaluate(run)
    assert caught.value.diagnostics[0].code == expected
