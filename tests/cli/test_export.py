"""`netdsl export` as a person types it."""

import json

import onnxruntime
import pytest

from .conftest import Command

SMALL = "net small { input 3x8x8  C3-4 R G F2 }"


def flat(text):
    return " ".join(text.split())


def test_a_net_by_its_name_and_what_is_said(netdsl: Command, tmp_path) -> None:
    done = netdsl("export", SMALL)
    assert done.exit_code == 0, done.output
    assert "input       x  batch x 3 x 8 x 8" in done.stdout and "output      y  batch x 2" in done.stdout
    assert "tried at 1 x 3 x 8 x 8 and 3 x 3 x 8 x 8" in flat(done.stdout)
    assert "weights are random" in flat(done.stderr)
    found = onnxruntime.InferenceSession(str(tmp_path / "small.onnx"), providers=["CPUExecutionProvider"])
    assert [each.name for each in found.get_inputs()] == ["x"]
    before = (tmp_path / "small.onnx").read_bytes()
    done = netdsl("export", SMALL, "--seed", "1")
    assert done.exit_code == 1 and "NET638" in done.stderr and (tmp_path / "small.onnx").read_bytes() == before


def test_a_run_that_classifies(netdsl: Command, tmp_path) -> None:
    recipe = ("--set-recipe", "epochs=1,batch=50", "--subset", "100", "--out", "run")
    assert (
        netdsl("train", SMALL.replace("8x8", "32x32").replace("F2", "F10"), "--data", "shapes", *recipe).exit_code == 0
    )
    done = netdsl("export", "run", "-o", "run.onnx", "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert list(made["inputs"]) == ["picture"] and list(made["outputs"]) == ["scores"]
    assert len(made["classes"]) == 10 and made["difference"] < 0.01


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("no_such_net",), 1, "error[NET"),
        ((".",), 1, "NET552"),
        ((SMALL, "-o", "a.pb"), 2, "a.onnx"),
        ((SMALL, "-o", "no/a.onnx"), 2, "no folder"),
        ((SMALL, "--best"), 2, "for a run"),
        ((".", "--set", "k=2"), 2, "for a net"),
        ((SMALL, "--weights", "no.safetensors"), 1, "error[NET5"),
    ],
)
def test_what_cannot_be_done(netdsl: Command, tmp_path, words, code, text) -> None:
    done = netdsl("export", *words)
    assert done.exit_code == code, done.output
    assert text in flat(done.stderr)
    assert not list(tmp_path.iterdir())
