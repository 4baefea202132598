"""Every net of tests/good, as `netdsl summarize` prints it: golden files, to be read when they change."""

import re
from pathlib import Path

import pytest

from netdsl.compiler import Pipeline

from .conftest import Command, Golden

GOOD = Path(__file__).parents[1] / "good"


@pytest.mark.parametrize("name", sorted(file.name for file in GOOD.glob("*.net")))
def test_summary(netdsl: Command, golden: Golden, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(GOOD)
    shown = []
    for net in Pipeline.of(name).nets:
        result = netdsl("summarize", f"{name}:{net}")
        assert result.exit_code == 0, result.stderr
        warned = re.findall(r"^\w+\[NET\d+\]", result.stderr, re.MULTILINE)  # their texts are those of tests/bad
        shown.append(result.stdout + "".join(f"{line}\n" for line in warned))
    golden("\n".join(shown), (GOOD / name).with_suffix(".summary"))


def test_no_summary_is_left_over() -> None:
    assert {file.stem for file in GOOD.glob("*.summary")} == {file.stem for file in GOOD.glob("*.net")}
