"""Every net of tests/good, as `netdsl summarize` prints it: golden files, to be read when they change."""

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
        shown.append(result.stdout + result.stderr)
    golden("\n".join(shown), (GOOD / name).with_suffix(".summary"))


def test_no_summary_is_left_over() -> None:
    assert {file.stem for file in GOOD.glob("*.summary")} == {file.stem for file in GOOD.glob("*.net")}
