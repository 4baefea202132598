"""docs/mistakes.md: what netdsl says to each mistake, and that torch passes it or raises in its own code."""

import re
from pathlib import Path

import pytest
import torch
from netdsl.cli.app import app
from torch import nn
from typer.testing import CliRunner

PAGE = (Path(__file__).parents[1] / "docs" / "mistakes.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")[1:]}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TWO_SIDES = {
    "A residual sum of unequal channels": ("1x32x32", "16x32x32"),
    "A concat of unequal height": ("8x32x32", "16x16x16"),
    "A 9x9 kernel on a 4x4 input": ("9 pixels", "4 pixels (3x4x4"),
}


def block(title: str, kind: str) -> str:
    (text,) = [found[2] for found in BLOCK.finditer(SECTIONS[title]) if found[1] == kind]
    return text


def test_five() -> None:
    assert len(SECTIONS) == 5
    assert TWO_SIDES.keys() < SECTIONS.keys()


@pytest.mark.parametrize("title", SECTIONS)
def test_message(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, shown = block(title, "net"), block(title, "console")
    name = re.match(r"# (\w+\.net)\n", text)[1]
    Path(name).write_text(text)
    result = CliRunner().invoke(app, ["check", name])
    assert result.exit_code == 1
    assert f"$ netdsl check {name}\n{result.stdout.rstrip()}\n" == shown
    assert re.search(rf"--> {name}:\d+:\d+\n", result.stdout)
    assert re.search(r"^ *help: (write|replace) `", result.stdout, re.MULTILINE)
    assert all(side in result.stdout for side in TWO_SIDES.get(title, ()))


@pytest.mark.parametrize("title", SECTIONS)
def test_torch(title: str) -> None:
    text = block(title, "python")
    said = text.removeprefix("# ").partition(":")[0]
    code = compile(text, "<block>", "exec")
    if said == "passes":
        exec(code, {"torch": torch, "nn": nn})
        return
    assert said == "raises RuntimeError"
    with pytest.raises(RuntimeError) as caught:
        exec(code, {"torch": torch, "nn": nn})
    assert "size" in str(caught.value) and "layer" not in str(caught.value)


def test_a_sum_that_torch_broadcasts_adds_one_channel_to_all() -> None:
    """The first block's `y` has 16 channels that all got the same one added."""
    names: dict = {"torch": torch, "nn": nn}
    exec(block("A residual sum of unequal channels", "python"), names)
    difference = names["y"] - names["x"]
    assert torch.allclose(difference, difference[:, :1].expand_as(difference), atol=1e-5)
