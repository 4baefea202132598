"""Nets as ONNX files, run by onnxruntime itself at sizes that were not exported."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import yaml
from PIL import Image
from torch import nn

from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap
from netdsl.style.export import export as exporting
from netdsl.style.export.export import check_packages, export
from netdsl.style.export.graph import Graph, Painting, graph_of_net, graph_of_run
from netdsl.style.fast.opened import open_fast
from netdsl.style.fast.styles import Styles
from netdsl.tasks.runs.checkpoint import save_checkpoint
from netdsl.tasks.runs.net_source import NetSource, build, keep
from netdsl.tasks.runs.run_folder import CONFIG, MODEL, RunFolder

NET = "net small { input 3xHxW  condition style(2)  C3-8 I{style} R  C3-8/2 I{style} R  U2 C3-3 tanh(scale = 150) }"
ALONE = "net small { input 3xHxW  C3-8/2 I R  C3-8/2 I R  U4 C3-3 tanh(scale = 150) }"


def painter(path: Path, text: str, names: tuple[str, ...]) -> Path:
    """The folder of a run as training leaves it, with weights, scales and shifts by chance."""
    source = NetSource(text, {}, FeatureMap(3, (32, 32)))
    module = build(source.compile())
    torch.manual_seed(0)
    for weight in module.parameters():
        nn.init.normal_(weight, std=0.3)
    with RunFolder.create(path, "run") as folder:
        Styles(names, tuple(Image.new("RGB", (32, 32)) for _ in names)).keep(folder)
        (path / CONFIG).write_text(yaml.safe_dump({"net": keep(source, folder), "styles": list(names)}))
        save_checkpoint(module, path / MODEL)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return painter(tmp_path_factory.mktemp("runs") / "two", NET, ("night", "wave"))


@pytest.fixture(scope="module")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory):
    return export(graph_of_run(run), tmp_path_factory.mktemp("onnx") / "two.onnx")


def session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def pictures(count: int, height: int, width: int) -> torch.Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(9)) * 255


def refused(call, *arguments):
    with pytest.raises(DiagnosticsError) as caught:
        call(*arguments)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET664"
    return problem


@pytest.mark.parametrize("size", [(16, 16), (17, 16), (50, 91), (128, 64)])
def test_a_painter_at_any_size_and_mixture(run, exported, size) -> None:
    net, given = open_fast(run, "cpu", "fp32"), pictures(3, *size)
    weights = torch.tensor([[1.0, 0.0], [0.25, 0.75], [0.0, 1.0]])
    (made,) = session(exported.path).run(None, {"picture": given.numpy(), "weights": weights.numpy()})
    assert made.shape == given.shape and np.abs(made - net(given, weights).numpy()).max() < 0.05
    assert np.abs(made[0] - made[2]).max() > 1
    (one,) = session(exported.path).run(None, {"picture": given.numpy(), "weights": weights[1:2].numpy()})
    assert np.abs(one[1] - made[1]).max() < 0.05


def test_what_the_file_says_of_itself(exported) -> None:
    found = session(exported.path)
    assert {each.name: each.shape for each in found.get_inputs()} == exported.inputs
    assert exported.inputs["picture"] == ["batch", 3, "height", "width"] and exported.inputs["weights"] == ["batch", 2]
    assert [each.name for each in found.get_outputs()] == ["painted"] == list(exported.outputs)
    facts = found.get_modelmeta().custom_metadata_map
    assert json.loads(facts["styles"]) == ["night", "wave"]
    assert facts["net"] == "small" and facts["sizes"] == "height and width from 16 on"
    assert 0 < exported.difference < 0.05 and exported.opset >= 18
    assert len({tuple(shape[2:]) for shape in exported.tried}) == 2


def test_one_style_has_no_weights(tmp_path) -> None:
    run = painter(tmp_path / "one", ALONE, ("night",))
    made = export(graph_of_run(run), tmp_path / "one.onnx")
    assert list(made.inputs) == ["picture"]
    given = pictures(1, 37, 50)
    (found,) = session(made.path).run(None, {"picture": given.numpy()})
    assert np.abs(found - open_fast(run, "cpu", "fp32")(given).numpy()).max() < 0.05


def test_padding_is_what_the_torch_net_does() -> None:
    """The identity between the paddings gives the picture back, whatever the multiple."""
    for step in (1, 4, 16):
        given = pictures(2, 33, 18)
        assert torch.allclose(Painting(nn.Identity(), step)(given), given, atol=1e-4)


def test_a_net_with_weights_of_its_own(tmp_path) -> None:
    graph = graph_of_net("net a { input 3x12x12  C3-8 B R P G F5 }", {}, "", None, 0)
    made = export(graph, tmp_path / "a.onnx")
    assert made.inputs == {"x": ["batch", 3, 12, 12]} and made.outputs == {"y": ["batch", 5]}
    x = torch.randn(5, 3, 12, 12)
    (found,) = session(made.path).run(None, {"x": x.numpy()})
    assert np.abs(found - graph.module(x).detach().numpy()).max() < 1e-4
    assert graph.sizes == "3x12x12 only"


def test_a_file_that_differs_is_not_kept(run, tmp_path) -> None:
    graph = graph_of_run(run)
    wrong = replace(graph, reference=lambda *given: graph.reference(*given) + 1)
    problem = refused(export, wrong, tmp_path / "a.onnx")
    assert "onnxruntime does not give what torch gives" in problem.message and "difference of 1" in problem.found
    assert not list(tmp_path.iterdir())


class Unknown(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.svd(x).S if x.sum() > 0 else x


def test_layers_that_torch_cannot_export(tmp_path) -> None:
    graph: Graph = graph_of_net("net a { input 3x12x12  C3-8 }", {}, "", None, 0)
    problem = refused(export, replace(graph, module=Unknown()), tmp_path / "a.onnx")
    assert "torch cannot export `a`" in problem.message and problem.found
    assert not list(tmp_path.iterdir())


def test_missing_packages(monkeypatch) -> None:
    check_packages()
    monkeypatch.setattr(exporting, "find_spec", lambda name: None if name == "onnxruntime" else object())
    problem = refused(check_packages)
    assert problem.found == "no onnxruntime" and "netdsl[onnx]" in problem.note
