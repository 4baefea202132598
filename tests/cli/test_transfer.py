"""Weights from elsewhere, probes and the transfer experiment as a person types them."""

import json
from pathlib import Path

import pytest
import yaml

from netdsl import data
from netdsl.data import synthetic

NET = "net a(classes = 10) { input 3x32x32  (C3-4 B R P) @one  (C3-6 B R P) @two  G F{classes} }"


@pytest.fixture(scope="module")
def shapes():
    return synthetic.shapes(300, 100)


@pytest.fixture(autouse=True)
def few(monkeypatch, tmp_path, shapes):
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(data.synthetic, "load", lambda say: shapes)


TAKEN = """\
weights from runs/first: 4 of 7 layers taken, by name
layer            shape    from
one.conv1        4x3x3x3  one.conv1
one.batch_norm1  4        one.batch_norm1
two.conv1        6x4x3x3  two.conv1
two.batch_norm1  6        two.batch_norm1
two.conv2        6x6x3x3  new
two.batch_norm2  6        new
linear1          3x6      new
left over: linear1"""


def test_weights_of_a_run_then_probes(netdsl):
    done = netdsl("train", NET, "--data", "shapes", "--epochs", 1, "--out", "runs/first")
    assert done.exit_code == 0, done.stderr
    deeper = NET.replace("(C3-6 B R P)", "(C3-6 B R C3-6 B R P)")
    words = ["--init-from", "runs/first", "--replace-head", "--classes", "disk,star,ring", "--out", "runs/second"]
    done = netdsl(
        "train",
        deeper,
        "--data",
        "shapes",
        "--epochs",
        1,
        *words,
        "--freeze-to",
        "@one",
        "--lr-at",
        "linear1=2,@two=.5",
    )
    assert done.exit_code == 0, done.stderr
    said = [line.rstrip() for line in done.stderr.splitlines() if "──" not in line]
    assert TAKEN in "\n".join(said)
    config = yaml.safe_load(Path("runs/second/config.yaml").read_text())
    assert (config["freeze"], config["lr_scale"]) == ("@one", [["linear1", 2.0], ["@two", 0.5]])
    shown = netdsl("probe", "runs/second", "--at", "@one", "--at", "two.conv1")
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[2].split() == ["at", "features", "train", "error", "test", "error", "train", "loss", "steps"]
    assert [line.split()[:2] for line in lines[4:6]] == [["one", "4"], ["two.conv1", "6"]]
    found = json.loads(netdsl("probe", "runs/second", "--json", "--flatten", "--at", "@two").stdout)["probes"]
    assert (len(found), found[0]["features"]) == (1, 6 * 8 * 8)


def test_the_experiment(netdsl):
    words = ["--data", "shapes", "--split", "disk,star/ring,cross", "--at", "@one", "--epochs", 1, "--out", "x"]
    shown = netdsl("transfer", NET, *words)
    assert shown.exit_code == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[:2] == ["A           disk, star", "B           ring, cross"]
    assert lines[4].split() == ["test", "error", "BnB", "BnB+", "AnB", "AnB+"]
    assert lines[6].split()[0] == "one" and lines[6].count("%") == 4
    assert lines[-1] == "picture     x/transfer.png"
    again = netdsl("transfer", NET, *words, "--json")
    assert "epoch" not in again.stderr, "nothing is trained twice"
    found = json.loads(again.stdout)
    assert [run["treatment"] for run in found["runs"]] == ["baseA", "baseB", "BnB", "BnB+", "AnB", "AnB+"]
    assert f"{found['runs'][1]['error']:.2%}" in lines[3]


@pytest.mark.parametrize(
    "words",
    [
        ["train", NET, "--data", "shapes", "--lr-at", "@one"],
        ["train", NET, "--data", "shapes", "--lr-at", "@one=0"],
        ["train", NET, "--data", "shapes", "--lr-at", "@one=fast"],
        ["train", NET, "--data", "shapes", "--init-to", "@one"],
        ["train", NET, "--data", "shapes", "--init-from", ""],
        ["train", "--resume", "runs/x", "--freeze-to", "@one"],
        ["probe"],
        ["probe", "runs/x", "--decay", "-1"],
        ["transfer", NET],
        ["transfer", NET, "--data", "shapes", "--lr", "0"],
    ],
)
def test_a_wrong_command_line(netdsl, words):
    assert netdsl(*words).exit_code == 2
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["train", NET, "--data", "shapes", "--init-from", "nowhere.pt"], "NET520"),
        (["train", NET, "--data", "shapes", "--freeze-to", "@on"], "NET209"),
        (["train", NET, "--data", "shapes", "--freeze-to", "linear1"], "NET543"),
        (["probe", "nowhere"], "NET552"),
        (["transfer", NET, "--data", "shapes", "--split", "animals"], "NET575"),
        (["transfer", NET, "--data", "shapes", "--at", "@on"], "NET209"),
    ],
)
def test_messages(netdsl, words, code):
    result = netdsl(*words)
    assert result.exit_code == 1
    assert f"error[{code}]" in result.stderr and result.stderr.count("error[") == 1
    assert result.stdout == ""
    assert not Path("runs").exists()
