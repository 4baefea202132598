"""Nets and runs in their convolutional form, from files to files."""

import json
import os
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from netdsl import DiagnosticsError, data
from netdsl import compile as compile_net
from netdsl.data import synthetic
from netdsl.geometry import FeatureMap
from netdsl.lowering import load_weights, save_weights
from netdsl.seeing.convert import convert_net, convert_run
from netdsl.tasks.evaluation.evaluate import evaluate
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

NET = "net small(classes = 10) { input 3x32x32 C5-4/4 R P F8 R D.2 F{classes} }"


@pytest.fixture
def run(monkeypatch, tmp_path) -> Path:
    """Trained for a moment on a few pictures."""
    few = synthetic.shapes(200, 100)
    monkeypatch.setattr(data.synthetic, "load", lambda say: few)
    train(TrainConfig(NET, "shapes", epochs=2, batch=50, out=tmp_path / "run", device="cpu"))
    return tmp_path / "run"


def test_a_net_alone_is_a_text(tmp_path) -> None:
    made = convert_net("lenet5")
    assert (made.written, made.difference) == ((), None)
    assert [path for path in tmp_path.iterdir() if path.name != "cache"] == []
    assert made.as_json()["output"] == [10, "floor(H/4) - 7", "floor(W/4) - 7"]


def test_with_weights_two_files_that_belong_together(tmp_path) -> None:
    module = compile_net("lenet5")
    save_weights(module, tmp_path / "weights.safetensors")
    made = convert_net("lenet5", weights=tmp_path / "weights.safetensors", out=tmp_path / "new" / "conv.net")
    assert made.written == (tmp_path / "new" / "conv.net", tmp_path / "new" / "conv.safetensors")
    assert made.difference is not None
    assert made.difference < 1e-4
    form = compile_net(tmp_path / "new" / "conv.net")
    load_weights(form, tmp_path / "new" / "conv.safetensors")
    x = torch.randn(2, 1, 32, 32)
    assert torch.allclose(form.eval()(x).flatten(1), module.eval()(x), atol=1e-5)


def test_weights_under_foreign_names(tmp_path) -> None:
    module = compile_net("lenet5")
    foreign = {f"layer{n}.{name.split('.')[-1]}": t for n, (name, t) in enumerate(module.state_dict().items(), 2)}
    foreign = {f"layer{n // 2}.{name.split('.')[1]}": t for n, (name, t) in enumerate(foreign.items(), 2)}
    torch.save(foreign, tmp_path / "other.pt")
    made = convert_net("lenet5", weights=tmp_path / "other.pt", out=tmp_path / "conv.net")
    assert made.difference is not None
    assert torch.equal(
        load_file(tmp_path / "conv.safetensors")["c5.conv1.weight"],
        module.state_dict()["c5.linear1.weight"].reshape(120, 16, 5, 5),
    )


def test_weights_of_another_net_are_refused_and_nothing_is_written(tmp_path) -> None:
    save_file({"a.weight": torch.zeros(3, 3)}, tmp_path / "other.safetensors")
    with pytest.raises(DiagnosticsError, match="NET521"):
        convert_net("lenet5", weights=tmp_path / "other.safetensors", out=tmp_path / "conv.net")
    assert not (tmp_path / "conv.net").exists()


def test_weights_that_are_no_numbers_have_no_difference(tmp_path) -> None:
    module = compile_net("C3-4 R F5", input=(3, 8, 8))
    torch.nn.init.constant_(module.get_parameter("linear1.bias"), float("nan"))
    save_weights(module, tmp_path / "nan.safetensors")
    options = {"image": FeatureMap(3, (8, 8)), "weights": tmp_path / "nan.safetensors", "out": tmp_path / "conv.net"}
    made = convert_net("C3-4 R F5", **options)
    assert made.difference is None
    json.dumps(made.as_json(), allow_nan=False)


def test_a_file_that_is_there_is_kept(tmp_path) -> None:
    (tmp_path / "mine.net").write_text("mine")
    with pytest.raises(DiagnosticsError, match="NET638"):
        convert_net("lenet5", out=tmp_path / "mine.net")
    assert (tmp_path / "mine.net").read_text() == "mine"
    convert_net("lenet5", out=tmp_path / "mine.net", force=True)
    assert "lenet5_conv" in (tmp_path / "mine.net").read_text()
    (tmp_path / "folder.net").mkdir()
    with pytest.raises(DiagnosticsError, match="NET638"):
        convert_net("lenet5", out=tmp_path / "folder.net", force=True)


def test_a_folder_that_cannot_be_made(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiagnosticsError, match="NET551"):
        convert_net("lenet5", out=tmp_path / "file" / "x.net")


def test_a_run_becomes_a_run_that_answers_the_same(run, tmp_path) -> None:
    made = convert_run(run, tmp_path / "conv")
    assert made.difference is not None
    assert made.difference < 1e-4
    before, after = evaluate(run), evaluate(tmp_path / "conv")
    assert after.net == "small_conv"
    assert after.answers is not None
    assert before.answers is not None
    assert after.answers.confusion == before.answers.confusion
    assert after.loss == pytest.approx(before.loss, abs=1e-5)


def test_its_best_weights_are_converted_too(run, tmp_path) -> None:
    best = load_file(run / "best.safetensors")
    best = {name: tensor + 1 for name, tensor in best.items()}
    save_file(best, run / "best.safetensors")
    convert_run(run, tmp_path / "conv")
    converted = load_file(tmp_path / "conv" / "best.safetensors")
    assert torch.equal(converted["conv2.weight"].flatten(1), best["linear1.weight"])
    assert evaluate(tmp_path / "conv", best=True).loss == pytest.approx(evaluate(run, best=True).loss, rel=1e-4)


def test_a_run_in_its_new_form_looks_at_larger_images(run, tmp_path) -> None:
    with pytest.raises(DiagnosticsError, match="NET590"):
        open_run(run).at((64, 48))
    convert_run(run, tmp_path / "conv")
    form = open_run(tmp_path / "conv").at((64, 48)).eval()
    assert form(torch.zeros(1, 3, 64, 48)).shape == (1, 10, 5, 3)
    convert_run(run, tmp_path / "mean", average=True)
    assert open_run(tmp_path / "mean").at((64, 48)).eval()(torch.zeros(1, 3, 64, 48)).shape == (1, 10)


def test_a_run_is_not_written_over_another(run) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    with pytest.raises(DiagnosticsError, match="NET550"):
        convert_run(run, run)
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_the_new_run_names_the_old(run, tmp_path) -> None:
    convert_run(run, tmp_path / "conv")
    config = yaml.safe_load((tmp_path / "conv" / "config.yaml").read_text())
    assert config["net"]["converted_from"] == str(run)
    assert (tmp_path / "conv" / "metrics.csv").read_text() == (run / "metrics.csv").read_text()


@pytest.mark.skipif(os.name == "nt", reason="no such rights there")
def test_weights_are_as_open_as_their_folder(tmp_path) -> None:
    save_weights(compile_net("lenet5"), tmp_path / "weights.safetensors")
    convert_net("lenet5", weights=tmp_path / "weights.safetensors", out=tmp_path / "conv.net")
    mode = (tmp_path / "conv.safetensors").stat().st_mode & 0o777
    assert mode == tmp_path.stat().st_mode & 0o666
