"""What `netdsl convert` prints and writes; what it makes is `tests/convolving`'s and `tests/seeing`'s."""

import json
from pathlib import Path

import pytest
import torch

from netdsl import compile as compile_net
from netdsl import save_weights

from .conftest import Command


def test_without_a_file_it_is_the_text(netdsl: Command) -> None:
    done = netdsl("convert", "lenet5", "--fully-convolutional")
    assert done.exit_code == 0
    assert "net lenet5_conv(classes = 10) with {" in done.stdout


def test_the_text_is_a_net_for_other_commands(netdsl: Command) -> None:
    netdsl("convert", "lenet5", "--fully-convolutional", "-o", "conv.net")
    done = netdsl("summarize", "conv.net", "--input", "1x40x36")
    assert done.exit_code == 0
    assert "10x3x2" in done.stdout


def test_with_weights_it_says_how_far_the_two_are_apart(netdsl: Command, tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_weights(compile_net("lenet5"), tmp_path / "w.safetensors")
    words = ("convert", "lenet5", "--fully-convolutional", "--weights", "w.safetensors", "-o", "conv.net")
    done = netdsl(*words)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:3] == [
        "net         lenet5_conv, 61,706 parameters as before",
        "takes       1xHxW, H and W each at least 32",
        "gives       10 x (floor(H/4) - 7) x (floor(W/4) - 7)",
    ]
    assert "of the largest score, on noise of 1x32x32" in done.stdout
    assert (tmp_path / "conv.safetensors").is_file()
    again = netdsl(*words)
    assert again.exit_code == 1
    assert "NET638" in again.stderr
    assert netdsl(*words, "--force").exit_code == 0


def test_json(netdsl: Command) -> None:
    made = json.loads(netdsl("convert", "vgg16", "--fully-convolutional", "--json").stdout)
    assert made["output"] == [1000, "floor(H/32) - 6", "floor(W/32) - 6"]
    assert made["params"] == 138_357_544
    assert made["difference"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vgg16",), "--fully-convolutional"),
        (("vgg16", "--fully-convolutional", "--weights", "w.safetensors"), "say where"),
        (("vgg16", "--fully-convolutional", "-o", "vgg"), "ends in .net"),
        (("vgg16", "--fully-convolutional", "-o", ""), "empty"),
    ],
)
def test_words_that_say_too_little(netdsl: Command, words: tuple[str, ...], said: str) -> None:
    done = netdsl("convert", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_nothing_to_convert_is_a_message(netdsl: Command) -> None:
    done = netdsl("convert", "resnet", "--fully-convolutional")
    assert done.exit_code == 1
    assert "error[NET635]" in done.stderr
