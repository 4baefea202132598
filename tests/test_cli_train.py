"""`netdsl train` and `netdsl eval` as a person types them: output, exit codes, messages."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from netdsl.cli.app import app
from netdsl.cli.options import bytes_from
from typer.testing import CliRunner

from netdsl import compile_network, data
from netdsl.data import synthetic
from netdsl.geometry import FeatureMap
from netdsl.planning.budget import within
from netdsl.planning.form import plain
from netdsl.planning.peak import peak_bytes
from netdsl.tasks.runs.run_folder import RunFolder

NET = "C3-8 R P C3-8 R P F10"


@pytest.fixture(scope="module")
def few_shapes():
    return synthetic.shapes(300, 100)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, few_shapes):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NETDSL_DATA", raising=False)
    monkeypatch.setattr(data.synthetic, "load", lambda say: few_shapes)


def netdsl(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def train(*words, net=NET):
    return netdsl("train", net, "--data", "shapes", "--epochs", 2, "--batch", 32, *words)


def test_train_then_eval():
    trained = train()
    assert trained.exit_code == 0, trained.stderr
    assert "netdsl eval runs/inline-shapes-1" in trained.stdout
    lines = [line for line in trained.stderr.splitlines() if line.startswith("epoch ")]
    assert len(lines) == 2 and lines[0].startswith("epoch 1/2"), "a line an epoch, on stderr"
    shown = netdsl("eval", "runs/inline-shapes-1")
    assert shown.exit_code == 0 and "test error" in shown.stdout
    result = json.loads(netdsl("eval", "runs/inline-shapes-1", "--json").stdout)
    assert list(result)[:8] == ["run", "net", "data", "split", "images", "wrong", "error", "loss"]
    assert len(result["classes"]) == len(result["confusion"]) == 10
    assert result["run"] == "runs/inline-shapes-1" and result["images"] == 100
    assert result["error"] == result["wrong"] / 100
    assert f"{result['error']:.2%}" in trained.stdout


def test_settings_of_the_net():
    Path("x.net").write_text("net x(f = 4) { input 3x32x32 C3-{f} R G F10 }")
    assert train("--set", "f=6", net="x.net").exit_code == 0
    assert "f: '6'" in Path("runs/x-shapes-1/config.yaml").read_text()


def test_a_variant_is_trained_and_tried():
    assert train("--with", "R -> B R").exit_code == 0
    assert "R -> B R" in Path("runs/inline-shapes-1/config.yaml").read_text()
    assert netdsl("eval", "runs/inline-shapes-1").exit_code == 0
    assert "NET202" in train("--with", "R -> bee").stderr


@pytest.mark.parametrize(
    "words",
    [
        ["train", NET],
        ["train", "--data", "shapes"],
        ["train", NET, "--data", "shapes", "--epochs", "0"],
        ["train", NET, "--data", "shapes", "--epochs", "many"],
        ["train", NET, "--data", "shapes", "--batch", "0"],
        ["train", NET, "--data", "shapes", "--subset", "-1"],
        ["train", NET, "--data", "shapes", "--lr", "0"],
        ["train", NET, "--data", "shapes", "--valid-fraction", "1"],
        ["train", NET, "--data", "shapes", "--classes", "disk,"],
        ["eval", "x", "--split", "tests"],
        ["train", NET, "--data", "shapes", "--lr", "nan"],
        ["train", NET, "--data", "shapes", "--seed", "-1"],
        ["train", NET, "--data", "shapes", "--set", "f"],
        ["train", NET, "--data", "shapes", "--out", ""],
        ["train", NET, "--data", "shapes", "--data-dir", ""],
        ["train", NET, "--data", "shapes", "--fast"],
        ["train", NET, "--data", "shapes", "--precision", "fp8"],
        ["train", NET, "--data", "shapes", "--memory-budget", "4 apples"],
        ["train", NET, "--data", "shapes", "--memory-budget", "0GiB"],
        ["train", NET, "--data", "shapes", "--accumulate", "0"],
        ["eval"],
        ["eval", "a", "--crops", "11"],
        ["eval", "a", "--crops", "10", "--flip"],
        ["eval", "a", "--crops", "144", "--scales", "256"],
        ["eval", "a", "--scales", "a"],
        ["eval", "a", "--ensemble"],
        ["eval", "a", "b", "-o", "c.png"],
    ],
)
def test_a_wrong_command_line(words):
    assert netdsl(*words).exit_code == 2
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["train", NET, "--data", "shape"], "NET510"),
        (["train", NET, "--data", "mnist", "--data-dir", "nowhere"], "NET511"),
        (["train", NET, "--data", "folder:nowhere"], "NET511"),
        (["train", NET, "--data", "shapes", "--classes", "disk,dusk"], "NET535"),
        (["train", "vgg16", "--data", "shapes"], "NET525"),
        (["train", "C3-8 R G F7", "--data", "shapes"], "NET526"),
        (["train", NET, "--data", "shapes", "--subset", "1000"], "NET527"),
        (["train", NET, "--data", "shapes", "--out", "file"], "NET551"),
        (["train", NET, "--data", "shapes", "--lr", "1e30", "--epochs", "2"], "NET540"),
        (["train", "nowhere.net", "--data", "shapes"], "NET501"),
        (["eval", "nowhere"], "NET552"),
    ],
)
def test_messages(words, code):
    Path("file").write_text("")
    result = netdsl(*words)
    assert result.exit_code == 1
    assert f"error[{code}]" in result.stderr
    assert result.stderr.count("error[") == 1
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_ctrl_c(monkeypatch):
    keep = RunFolder.add

    def add(folder, epochs, module):
        if len(epochs) == 2:
            raise KeyboardInterrupt
        keep(folder, epochs, module)

    monkeypatch.setattr(RunFolder, "add", add)
    result = train()
    assert result.exit_code == 130
    assert "netdsl train --resume runs/inline-shapes-1" in result.stderr
    assert netdsl("eval", "runs/inline-shapes-1").exit_code == 0


@pytest.mark.slow
def test_a_real_ctrl_c(tmp_path):
    """A signal to a process of its own, once the first epoch is over."""
    start = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from netdsl.cli.app import main; main()"
    )
    words = ["train", NET, "--data", "shapes", "--subset", "1000", "--epochs", "1000"]
    command = [sys.executable, "-c", start, *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith("epoch "):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130, "".join(seen) + rest
    assert "Traceback" not in rest and "go on with: netdsl train --resume runs/inline-shapes-1" in rest
    run = tmp_path / "runs" / "inline-shapes-1"
    assert not list(run.glob(".*"))
    expected = {"config.yaml", "metrics.csv", "curves.png", "model.safetensors", "best.safetensors"}
    assert {file.name for file in run.iterdir() if "state" not in file.name} == expected
    assert (run / "state.safetensors").exists()


@pytest.mark.parametrize("command", ["train", "eval"])
def test_help_has_an_example(command):
    result = netdsl(command, "--help")
    assert result.exit_code == 0
    assert "Example: netdsl" in result.stdout


def test_lines_of_the_recipe_and_a_run_again():
    assert train("--set-recipe", "optimizer=adam(lr=.01, eps=1e-6)", "--set-recipe", "ema=.5,warmup=1").exit_code == 0
    first = Path("runs/inline-shapes-1")
    assert "adam: {lr: 0.01" in (first / "config.yaml").read_text()
    again = netdsl("train", "--config", first / "config.yaml", "--out", "again")
    assert again.exit_code == 0, again.stderr
    assert Path("again/model.safetensors").read_bytes() == (first / "model.safetensors").read_bytes()
    assert "--set-recipe epoch:1:1" in train("--set-recipe", "epoch=3").stderr
    for words in (["--set-recipe", "epochs"], ["--set-recipe", "ema=.1,ema=.2"], ["--config", ""]):
        assert train(*words).exit_code == 2


def test_classes_held_out_images_and_splits():
    options = ["--classes", "ring, 0,star", "--valid-fraction", "0.2"]
    trained = train(*options, net="C3-8 R P4 F3")
    assert trained.exit_code == 0, trained.stderr
    run = "runs/inline-shapes-1"
    assert "30 test images" in netdsl("eval", run).stdout
    shown = netdsl("eval", run, "--split", "valid")
    assert "18 valid images" in shown.stdout and "valid error" in shown.stdout
    assert json.loads(netdsl("eval", run, "--split", "train", "--json").stdout)["images"] == 72
    assert "NET534" in netdsl("eval", train(net="C3-8 R P4 F10").stdout.split()[-1], "--split", "valid").stderr


def test_tries_before_a_training():
    """Each prints its figures on stdout and leaves no run folder."""
    dry = train("--dry-run")
    assert dry.exit_code == 0, dry.stderr
    names = [line.split()[0] for line in dry.stdout.splitlines()]
    assert names == ["net", "batch", "loss", "step", "test", "run", "memory"]
    assert "batch       32x3x32x32 -> 32x10" in dry.stdout and "for 2 epochs" in dry.stdout
    learnt = train("--overfit-batch", "--batch", "8", "--lr", "0.1", net="C3-8 B R P C3-16 B R P F10")
    assert "8 images after" in learnt.stdout, learnt.stderr
    searched = train("--find-lr", "--out", "here")
    assert "--lr " in searched.stdout and Path("here/lr-finder.png").exists()
    assert not Path("runs").exists()
    assert train("--dry-run", "--find-lr").exit_code == 2
    stuck = train("--overfit-batch", "--lr", "1e-9")
    assert stuck.exit_code == 1 and "NET594" in stuck.stderr


@pytest.mark.parametrize(
    ("text", "size"), [("4GiB", 4 * 2**30), ("800MB", 800_000_000), ("1.5 gib", 3 * 2**29), ("64kib", 65536)]
)
def test_sizes_in_memory(text, size):
    assert bytes_from(text, "--memory-budget") == size


def test_a_memory_budget():
    """One that nothing fits is refused before a folder is made; one that fits changes no bit."""
    text = "C3-8 B R C3-8 B R C3-8 B R P G F10"
    refused = train("--memory-budget", "100KiB", net=text)
    assert refused.exit_code == 1 and "NET582" in refused.stderr
    assert not Path("runs").exists()
    network = compile_network(text, {}, FeatureMap(3, (32, 32)))
    assert peak_bytes(plain(network), 32) > 2**22
    lowest = within(network, 32, 0)
    for words in ([], ["--memory-budget", f"{lowest // 2**10 + 1}KiB"]):
        assert train(*words, net=text).exit_code == 0
    one, two = (Path(f"runs/inline-shapes-{n}/model.safetensors").read_bytes() for n in (1, 2))
    assert one == two
    assert f"memory_budget: {(lowest // 2**10 + 1) * 2**10}" in Path("runs/inline-shapes-2/config.yaml").read_text()
